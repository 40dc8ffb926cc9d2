package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.evaluate.Evaluation;
import org.saddlepoint.evaluate.Robustness;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.train.Training;

/** The ensemble as a whole: what it holds, that nothing outdoes it, that its bits do not depend on how it is run. */
class AutoAttackTest {
    private static final Model MODEL = Model.sequential(dense(Blobs.FEATURES, 16), relu(), dense(16, Blobs.CLASSES));
    private static final Dataset DATA = Blobs.bytes(60, 2);

    private static Classifier trained(Device device) {
        return Training.standard().epochs(8).fit(MODEL, Blobs.bytes(200, 1), device);
    }

    private static double radius(Norm norm) {
        return norm == Norm.LINF ? 0.04 : 0.15;
    }

    @Test
    void itHoldsTheFourAttacksOfThePaper() {
        assertThat(AutoAttack.standard(Norm.LINF, 0.3).attacks().stream().map(Attack::name))
                .containsExactly("apgd-ce", "apgd-t", "fab-t", "square");
        assertThatIllegalArgumentException().isThrownBy(() -> AutoAttack.standard(Norm.L1, 1));
    }

    @ParameterizedTest
    @EnumSource(names = {"LINF", "L2"})
    void noSingleAttackOutdoesIt(Norm norm) {
        try (Device device = Device.cpu(2);
                Classifier classifier = trained(device)) {
            Ensemble ensemble = AutoAttack.standard(norm, radius(norm));
            Robustness judged = Evaluation.of(classifier).against(ensemble).on(DATA);
            assertThat(judged.robust().correct()).isLessThan(judged.clean().correct());
            Attack pgd = Pgd.of(norm, radius(norm)).steps(50).build();
            assertThat(judged.robust().correct())
                    .isLessThanOrEqualTo(Evaluation.of(classifier)
                            .against(pgd)
                            .on(DATA)
                            .robust()
                            .correct());
            for (Attack one : ensemble.attacks()) {
                Robustness alone = Evaluation.of(classifier).against(one).on(DATA);
                assertThat(alone.robust().correct())
                        .as(one.name())
                        .isGreaterThanOrEqualTo(judged.robust().correct())
                        .isLessThan(alone.clean().correct());
            }
        }
    }

    @Test
    void itsVerdictsDependOnNeitherBatchNorThreads() {
        List<Integer> expected = null;
        for (int threads : new int[] {1, 2}) {
            try (Device device = Device.cpu(threads);
                    Classifier classifier = trained(device)) {
                for (int batch : new int[] {1, 7, 60}) {
                    Robustness judged = Evaluation.of(classifier)
                            .against(AutoAttack.standard(Norm.LINF, radius(Norm.LINF)))
                            .batchSize(batch)
                            .on(DATA);
                    expected = expected == null ? judged.beatenBy() : expected;
                    assertThat(judged.beatenBy()).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void itWorksOnTwoClasses() {
        try (Device device = Device.cpu(1);
                Classifier classifier = Classifier.initialize(Model.sequential(dense(8, 2)), device, 3)) {
            float[] x = new float[20 * 8];
            java.util.Arrays.fill(x, 0.5f);
            int[] labels = classifier.predict(x);
            for (Attack attack : AutoAttack.standard(Norm.LINF, 0.4).attacks()) {
                assertThat(attack.run(classifier, x, labels).success()).hasSize(20);
            }
        }
    }
}
