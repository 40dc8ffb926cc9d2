package org.saddlepoint.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.attack.AttackOptions;
import org.saddlepoint.attack.AttackResult;
import org.saddlepoint.attack.Square;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.evaluate.Checklist.Verdict;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.Victim;
import org.saddlepoint.oracle.Oracle;
import org.saddlepoint.train.Training;

/** Evaluations of victims that have no gradients. */
class OracleEvaluationTest {
    private static final Model MODEL = Model.sequential(dense(Blobs.FEATURES, 16), relu(), dense(16, Blobs.CLASSES));
    private static final Dataset DATA = Blobs.bytes(150, 2);
    private static final Square SQUARE = Square.linf(0.05).queries(50).build();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private final Device device = Device.cpu(1);
    private final Classifier classifier = Training.standard().epochs(8).fit(MODEL, Blobs.bytes(200, 1), device);

    @AfterEach
    void close() {
        classifier.close();
        device.close();
    }

    @Test
    void queriesAreThoseOfTheExamplesFaced() {
        Robustness robustness =
                Evaluation.of(Oracle.of(classifier)).queries(30).against(SQUARE).on(DATA);
        int[] faced = IntStream.range(0, DATA.size())
                .filter(i -> robustness.beatenBy().get(i) != Robustness.MISCLASSIFIED)
                .toArray();
        int[] labels = Arrays.stream(faced).map(i -> DATA.labels()[i]).toArray();
        AttackResult direct = SQUARE.run(
                Oracle.of(classifier),
                DATA.values(faced),
                labels,
                AttackOptions.DEFAULT.withIndices(faced).withQueries(30));
        Robustness.Outcome outcome = robustness.attacks().getFirst();
        assertThat(outcome.queries()).isEqualTo(Robustness.Queries.of(direct.queries()));
        assertThat(outcome.survivors()).isEqualTo(faced.length - direct.successes());
        assertThat(direct.successes()).isPositive();
        assertThat(Evaluation.of(classifier)
                        .against(SQUARE)
                        .on(DATA)
                        .attacks()
                        .getFirst()
                        .queries())
                .isNull();
    }

    @Test
    void meanAndMedian() {
        assertThat(Robustness.Queries.of(new int[] {9, 1, 2})).isEqualTo(new Robustness.Queries(4, 2));
        assertThat(Robustness.Queries.of(new int[] {9, 1, 2, 4})).isEqualTo(new Robustness.Queries(4, 3));
        assertThat(Robustness.Queries.of(new int[0])).isEqualTo(new Robustness.Queries(0, 0));
    }

    @Test
    void aStateKeepsQueriesAndKnowsItsOracle() {
        Path state = directory.resolve("state");
        Robustness first = evaluation(Oracle.of(classifier)).state(state).on(DATA);
        assertThat(evaluation(Oracle.of(classifier)).state(state).on(DATA)).isEqualTo(first);
        try (Classifier other = Classifier.initialize(MODEL, device, 9)) {
            assertThatThrownBy(() -> evaluation(Oracle.of(other)).state(state).on(DATA))
                    .hasMessageContaining("is the state of another evaluation");
        }
    }

    private static Evaluation evaluation(Victim victim) {
        return Evaluation.of(victim).queries(20).against(SQUARE);
    }

    @Test
    void whatNeedsGradientsIsNotChecked() {
        Oracle oracle = Oracle.of(classifier);
        Robustness robustness = evaluation(oracle).on(DATA);
        for (Oracle one : new Oracle[] {oracle, oracle.labelsOnly()}) {
            assertThat(verdicts(one, robustness))
                    .containsEntry("outputs", Verdict.OK)
                    .containsEntry("gradients", Verdict.NOT_CHECKED)
                    .containsEntry("iterations", Verdict.NOT_CHECKED)
                    .containsEntry("black box", Verdict.NOT_CHECKED)
                    .containsEntry("large epsilon", Verdict.NOT_CHECKED);
        }
        Oracle softmax = Oracle.ofLogits(classifier.input(), classifier.classes(), device, (x, n) -> {
            float[] told = new float[n * Blobs.CLASSES];
            Arrays.fill(told, 1f / Blobs.CLASSES);
            return told;
        });
        assertThat(verdicts(softmax, robustness)).containsEntry("outputs", Verdict.WARNING);
    }

    private static Map<String, Verdict> verdicts(Victim victim, Robustness robustness) {
        return Checklist.of(victim, DATA, robustness).stream()
                .collect(Collectors.toMap(Checklist.Finding::check, Checklist.Finding::verdict));
    }
}
