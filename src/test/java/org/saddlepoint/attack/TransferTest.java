package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.oracle.Oracle;
import org.saddlepoint.train.Substitute;
import org.saddlepoint.train.Training;

/** A substitute trained on an oracle's labels, and white-box attacks that go by way of it. */
class TransferTest {
    private static final int N = 60;
    private static final Model HIDDEN = Model.sequential(dense(Blobs.FEATURES, 24), relu(), dense(24, Blobs.CLASSES));
    private static final Model OTHER = Model.sequential(dense(Blobs.FEATURES, 12), relu(), dense(12, Blobs.CLASSES));
    private static final Pgd PGD = Pgd.linf(0.15).steps(10).restarts(2).build();

    private final Device device = Device.cpu(2);
    private final Classifier victim = Training.standard().epochs(8).fit(HIDDEN, Blobs.bytes(400, 1), device);
    private final Dataset data = Blobs.bytes(N, 2);
    private final float[] x = data.values(0, N);
    private final int[] labels = victim.predict(x);
    private final AtomicInteger asked = new AtomicInteger();
    private final Oracle oracle = Oracle.ofLabels(victim.input(), victim.classes(), device, (inputs, n) -> {
        asked.addAndGet(n);
        return victim.predict(inputs);
    });

    @AfterEach
    void close() {
        victim.close();
        device.close();
    }

    private Substitute.Fitted fit(int rounds, int queries) {
        return Substitute.of(oracle, OTHER)
                .data(Blobs.bytes(40, 3).values(0, 40))
                .rounds(rounds)
                .queries(queries)
                .training(Training.standard().epochs(20).batchSize(8))
                .fit();
    }

    @Test
    void whereTheSubstituteIsTheVictimTransferIsTheAttack() {
        AttackResult expected = PGD.toBuilder().iterate(Iterate.LAST).build().run(victim, x, labels);
        for (int batchSize : new int[] {1, 7, N}) {
            AttackResult result =
                    new Transfer(victim, PGD).run(oracle, x, labels, AttackOptions.DEFAULT.withBatchSize(batchSize));
            assertThat(result.adversarial()).containsExactly(expected.adversarial());
            assertThat(result.success()).containsExactly(expected.success());
            assertThat(result.queries()).containsOnly(0);
        }
        assertThat(expected.successes()).isBetween(1, N - 1);
    }

    @Test
    void aSubstituteFoolsAnOracleThatTellsLabelsAlone() {
        Substitute.Fitted fitted = fit(4, 1000);
        assertThat(fitted.queries()).isEqualTo(8 * 40).isEqualTo(asked.get());
        try (Classifier substitute = fitted.classifier()) {
            int agreeing = 0;
            int[] said = substitute.predict(x);
            for (int i = 0; i < N; i++) {
                agreeing += said[i] == labels[i] ? 1 : 0;
            }
            assertThat(agreeing).isGreaterThan(N * 8 / 10);
            AttackResult result = new Transfer(substitute, PGD).run(oracle, x, labels);
            // Most of what the attack finds with the victim's own gradients; a random corner of the ball finds little.
            int own = PGD.run(victim, x, labels).successes();
            assertThat(result.successes()).isGreaterThan(own / 2).isGreaterThan(2 * random());
            assertThat(asked).hasValue(320 + 2 * N);
        }
    }

    private int random() {
        Random random = new Random(5);
        float[] moved = x.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] = Math.clamp(moved[i] + (random.nextBoolean() ? 0.15f : -0.15f), 0f, 1f);
        }
        int[] after = victim.predict(moved);
        int fooled = 0;
        for (int i = 0; i < N; i++) {
            fooled += after[i] == labels[i] ? 0 : 1;
        }
        return fooled;
    }

    @Test
    void theBudgetIsKept() {
        Substitute.Fitted fitted = fit(3, 100);
        fitted.classifier().close();
        assertThat(fitted.queries()).isEqualTo(100).isEqualTo(asked.get());
        assertThatThrownBy(() -> fit(1, 39))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the budget is 39 queries, but each of the 40 examples takes one:"
                        + " give fewer, or a larger budget");
        assertThatThrownBy(() -> fit(1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the budget is 0 queries: it must be at least 1");
        assertThatThrownBy(() -> Substitute.of(oracle, OTHER).fit())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("give it data");
        assertThat(asked).hasValue(100);
    }

    @Test
    void theSameSettingsGiveTheSameBits() {
        Substitute.Fitted first = fit(3, 110);
        Substitute.Fitted second = fit(3, 110);
        try (Classifier one = first.classifier();
                Classifier other = second.classifier()) {
            assertThat(one.parameters()).containsExactly(other.parameters());
            assertThat(new Transfer(one, PGD)).hasToString(new Transfer(other, PGD).toString());
            assertThat(new Transfer(victim, PGD).toString()).isNotEqualTo(new Transfer(one, PGD).toString());
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> Substitute.of(oracle, Fixtures.MODEL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("takes 30 values and has 5 classes");
        try (Classifier other = Fixtures.network(device)) {
            assertThatThrownBy(() -> new Transfer(other, PGD).run(oracle, x, labels))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the substitute takes 30 values and has 5 classes, the victim takes 20 and has 4");
        }
        try (Device elsewhere = Device.cpu(1);
                Classifier there = Classifier.of(HIDDEN, elsewhere, victim.parameters())) {
            assertThatThrownBy(() -> new Transfer(there, PGD).run(oracle, x, labels))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("they must share one");
        }
    }
}
