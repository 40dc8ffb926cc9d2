package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.oracle.Oracle;
import org.saddlepoint.oracle.OracleException;

class OracleTest {
    private static final int N = 40;

    private final float[] x = Fixtures.inputs(N, 1);
    private final Device device = Device.cpu(1);
    private final Classifier classifier = Fixtures.network(device);
    private final int[] labels = classifier.predict(x);
    private final Square square = Square.linf(0.06).queries(60).shape(2, 3, 5).build();

    @AfterEach
    void close() {
        classifier.close();
        device.close();
    }

    @Test
    void anOracleGivesTheBitsOfTheModelBehindIt() {
        AttackResult expected = square.run(classifier, x, labels);
        for (int batchSize : new int[] {1, 7, N}) {
            AttackResult result =
                    square.run(Oracle.of(classifier), x, labels, AttackOptions.DEFAULT.withBatchSize(batchSize));
            assertThat(result.adversarial()).containsExactly(expected.adversarial());
            assertThat(result.iterations()).containsExactly(expected.iterations());
        }
        assertThat(expected.successes()).isBetween(1, N - 1);
        assertThat(expected.queries()).containsOnly(0);
    }

    @Test
    void queriesAreCountedByExample() {
        AtomicInteger asked = new AtomicInteger();
        Oracle oracle = counting(asked);
        AttackResult result = square.run(oracle, x, labels);
        for (int i = 0; i < N; i++) {
            // Query 0 is the start; an example that is beaten is not asked about again.
            assertThat(result.queries()[i]).isEqualTo(result.success()[i] ? result.iterations()[i] + 1 : 60);
        }
        // Two more judge the original and the result.
        assertThat(asked).hasValue(Arrays.stream(result.queries()).sum() + 2 * N);
    }

    private Oracle counting(AtomicInteger asked) {
        return Oracle.ofLogits(classifier.input(), classifier.classes(), device, (inputs, n) -> {
            asked.addAndGet(n);
            return classifier.logits(inputs);
        });
    }

    @Test
    void theBudgetEndsTheSearch() {
        AttackResult result = square.run(Oracle.of(classifier), x, labels, AttackOptions.DEFAULT.withQueries(23));
        assertThat(Arrays.stream(result.queries()).max()).hasValue(23);
        AttackResult restarts = square.toBuilder()
                .queries(20)
                .restarts(3)
                .build()
                .run(Oracle.of(classifier), x, labels, AttackOptions.DEFAULT.withQueries(23));
        assertThat(Arrays.stream(restarts.queries()).max()).hasValue(23);
        assertThatThrownBy(() -> AttackOptions.DEFAULT.withQueries(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the budget is 0 queries an example: it must be at least 1");
    }

    @Test
    void anAttackThatAsksTooMuchIsStopped() {
        Attack greedy = new Attack("greedy", square.threat()) {
            @Override
            public org.saddlepoint.model.Knowledge needs() {
                return org.saddlepoint.model.Knowledge.LABELS;
            }

            @Override
            protected void perturb(AttackBatch batch) {
                batch.victim().query(batch.size(), null, with -> {
                    with.forward(batch.x());
                    with.forward(batch.x());
                });
            }
        };
        Oracle oracle = Oracle.of(classifier);
        AttackOptions one = AttackOptions.DEFAULT.withQueries(1);
        assertThatThrownBy(() -> greedy.run(oracle, x, labels, one))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("budget of 1 queries");
        assertThat(greedy.run(oracle, x, labels, one.withQueries(2)).queries()).containsOnly(2);
    }

    @Test
    void anAttackIsRefusedWhereTheOracleTellsTooLittle() {
        Oracle oracle = Oracle.of(classifier);
        assertThatThrownBy(() -> Fgsm.linf(0.1).build().run(oracle, x, labels))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the attack fgsm needs gradients, but an oracle of 30 inputs that tells logits");
        assertThatThrownBy(() -> square.run(oracle.labelsOnly(), x, labels))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the attack square needs logits, but an oracle of 30 inputs that tells labels");
    }

    @Test
    void answersAreChecked() {
        assertAnswer((inputs, n) -> new float[n * 3], "the oracle told 120 values for 40 inputs of 4 classes");
        assertAnswer(
                (inputs, n) -> {
                    float[] logits = new float[n * 4];
                    logits[9] = Float.NaN;
                    return logits;
                },
                "the oracle told the logit NaN for class 1 of input 2 of 40");
        Oracle short1 = Oracle.ofLabels(classifier.input(), 4, device, (inputs, n) -> new int[n - 1]);
        assertThatThrownBy(() -> short1.logits(x)).hasMessage("the oracle told 39 labels for 40 inputs");
        Oracle wrong = Oracle.ofLabels(classifier.input(), 4, device, (inputs, n) -> {
            int[] told = new int[n];
            told[5] = 4;
            return told;
        });
        assertThatThrownBy(() -> wrong.logits(x))
                .isInstanceOf(OracleException.class)
                .hasMessage("the oracle told the label 4 for input 5 of 40: it must lie in 0..3");
    }

    private void assertAnswer(Oracle.Logits function, String message) {
        Oracle oracle = Oracle.ofLogits(classifier.input(), 4, device, function);
        assertThatThrownBy(() -> square.run(oracle, x, labels))
                .isInstanceOf(OracleException.class)
                .hasMessageContaining(message);
    }

    @Test
    void anInterruptionCancels() {
        AtomicInteger batches = new AtomicInteger();
        AttackOptions options = AttackOptions.DEFAULT.withBatchSize(10).withProgress((done, total) -> {
            batches.incrementAndGet();
            assertThat(total).isEqualTo(N);
            if (done == 20) {
                Thread.currentThread().interrupt();
            }
        });
        assertThatThrownBy(() -> square.run(classifier, x, labels, options)).isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(batches).hasValue(2);
    }
}
