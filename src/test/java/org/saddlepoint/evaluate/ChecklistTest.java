package org.saddlepoint.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.saddlepoint.attack.Fgsm;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.evaluate.Checklist.Verdict;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.train.Training;

/** The checklist on an honest model, and on models that hide their gradients. */
class ChecklistTest {
    private static final Model MODEL = Model.sequential(dense(Blobs.FEATURES, 16), relu(), dense(16, Blobs.CLASSES));
    private static final Dataset DATA = Blobs.bytes(200, 2);

    private final Device device = Device.cpu(1);

    @AfterEach
    void close() {
        device.close();
    }

    private static Map<String, Verdict> verdicts(Classifier classifier, Robustness robustness) {
        List<Checklist.Finding> findings = Checklist.of(classifier, DATA, robustness);
        assertThat(findings).allSatisfy(one -> assertThat(one.meaning()).isNotBlank());
        return findings.stream().collect(Collectors.toMap(Checklist.Finding::check, Checklist.Finding::verdict));
    }

    @Test
    void anHonestModelPasses() {
        try (Classifier classifier = Training.standard().epochs(8).fit(MODEL, Blobs.bytes(200, 1), device)) {
            Robustness robustness = Evaluation.of(classifier)
                    .against(Fgsm.linf(0.05).build(), Pgd.linf(0.05).steps(10).build())
                    .on(DATA);
            assertThat(verdicts(classifier, robustness))
                    .containsEntry("outputs", Verdict.OK)
                    .containsEntry("gradients", Verdict.OK)
                    .containsEntry("iterations", Verdict.OK)
                    .containsEntry("black box", Verdict.NOT_CHECKED)
                    .containsEntry("radii", Verdict.NOT_CHECKED)
                    .containsEntry("large epsilon", Verdict.OK);
        }
    }

    /** Logits behind a staircase that is flat everywhere: the gradient is zero, and PGD goes nowhere. */
    @Test
    void maskedGradientsAreNoticed() {
        try (Classifier honest = Training.standard().epochs(8).fit(MODEL, Blobs.bytes(200, 1), device)) {
            float[] parameters = honest.parameters();
            int hidden = Blobs.FEATURES * 16;
            // Sigmoid units so steep that none is on its slope.
            Model steep = Model.sequential(
                    dense(Blobs.FEATURES, 16), org.saddlepoint.model.Layers.sigmoid(), dense(16, Blobs.CLASSES));
            for (int i = 0; i < hidden + 16; i++) {
                parameters[i] *= 1e6f;
            }
            try (Classifier masked = Classifier.of(steep, device, parameters)) {
                Robustness robustness = Evaluation.of(masked)
                        .against(Pgd.linf(0.05).steps(5).build())
                        .on(DATA);
                assertThat(robustness.clean().correct()).isPositive();
                assertThat(verdicts(masked, robustness))
                        .containsEntry("gradients", Verdict.WARNING)
                        .containsEntry("large epsilon", Verdict.WARNING);
            }
        }
    }

    @Test
    void accuracyThatRisesWithTheRadiusIsNoticed() {
        try (Classifier classifier = Training.standard().epochs(8).fit(MODEL, Blobs.bytes(200, 1), device)) {
            Robustness fine = Evaluation.of(classifier)
                    .curve(Pgd.linf(0.02).build(), 0.02, 0.05)
                    .on(DATA);
            assertThat(verdicts(classifier, fine)).containsEntry("radii", Verdict.OK);
            List<Robustness.CurvePoint> swapped = List.of(
                    new Robustness.CurvePoint(0.02, fine.curve().get(1).robust()),
                    new Robustness.CurvePoint(0.05, fine.curve().get(0).robust()));
            Robustness rising = new Robustness(
                    fine.clean(),
                    fine.cleanPerClass(),
                    fine.attacks(),
                    swapped,
                    fine.robust(),
                    fine.robustPerClass(),
                    fine.beatenBy(),
                    fine.seed());
            assertThat(verdicts(classifier, rising)).containsEntry("radii", Verdict.WARNING);
        }
    }
}
