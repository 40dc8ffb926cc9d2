package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.saddlepoint.device.Device;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.threat.Norm;

/** The bits of a result depend on model, inputs, seed and indices, and on nothing else. */
class ReproducibilityTest {
    private static final int N = 300;

    private final float[] x = Fixtures.inputs(N, 1);

    private static Pgd attack(Norm norm) {
        return Pgd.of(norm, norm == Norm.LINF ? 0.1 : 0.5).steps(5).restarts(2).build();
    }

    private AttackResult run(Norm norm, int threads, AttackOptions options) {
        try (Device device = Device.cpu(threads);
                Classifier classifier = Fixtures.network(device)) {
            return attack(norm).run(classifier, x, classifier.predict(x), options);
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void neitherBatchSizeNorThreadsMatter(Norm norm) {
        AttackResult expected = run(norm, 1, AttackOptions.DEFAULT);
        assertThat(expected.successes()).isBetween(1, N - 1);
        for (int batchSize : new int[] {1, 32, 57, 256}) {
            for (int threads : new int[] {1, 2}) {
                requireSame(run(norm, threads, AttackOptions.DEFAULT.withBatchSize(batchSize)), expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void orderDoesNotMatterWhereIndicesSayWhichExampleIsWhich(Norm norm) {
        List<Integer> shuffled = IntStream.range(0, N).boxed().collect(Collectors.toList());
        Collections.shuffle(shuffled, new Random(4));
        int[] order = shuffled.stream().mapToInt(Integer::intValue).toArray();
        try (Device device = Device.cpu(2);
                Classifier classifier = Fixtures.network(device)) {
            int d = Fixtures.D;
            float[] permuted = new float[x.length];
            for (int i = 0; i < N; i++) {
                System.arraycopy(x, order[i] * d, permuted, i * d, d);
            }
            AttackResult expected = attack(norm).run(classifier, x, classifier.predict(x));
            AttackOptions options =
                    AttackOptions.DEFAULT.withIndices(order).withBatchSize(41).withSeed(AttackOptions.DEFAULT.seed());
            AttackResult actual = attack(norm).run(classifier, permuted, classifier.predict(permuted), options);
            for (int i = 0; i < N; i++) {
                assertThat(Arrays.copyOfRange(actual.adversarial(), i * d, (i + 1) * d))
                        .containsExactly(Arrays.copyOfRange(expected.adversarial(), order[i] * d, (order[i] + 1) * d));
                assertThat(actual.iterations()[i]).isEqualTo(expected.iterations()[order[i]]);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void anotherSeedIsAnotherStart(Norm norm) {
        AttackResult first = run(norm, 1, AttackOptions.DEFAULT);
        AttackResult second = run(norm, 1, AttackOptions.DEFAULT.withSeed(2));
        assertThat(Arrays.equals(first.adversarial(), second.adversarial())).isFalse();
    }

    /** Nothing of one batch shows in the next, even where no iterate is better than none. */
    @ParameterizedTest
    @EnumSource(Norm.class)
    void aLossThatIsNoNumberLeavesEveryExampleToItself(Norm norm) {
        try (Device device = Device.cpu(1);
                Classifier classifier = Fixtures.network(device)) {
            Pgd attack = attack(norm).toBuilder()
                    .epsilon(0.01)
                    .loss(Losses.perExample("nan", (z, y, gradient) -> {
                        Arrays.fill(gradient, 0f);
                        gradient[y] = -1f;
                        return Double.NaN;
                    }))
                    .build();
            int[] labels = classifier.predict(x);
            AttackResult whole = attack.run(classifier, x, labels);
            AttackResult single = attack.run(classifier, x, labels, AttackOptions.DEFAULT.withBatchSize(1));
            assertThat(single.adversarial()).containsExactly(whole.adversarial());
        }
    }

    private static void requireSame(AttackResult actual, AttackResult expected) {
        assertThat(actual.adversarial()).containsExactly(expected.adversarial());
        assertThat(actual.loss()).containsExactly(expected.loss());
        assertThat(actual.iterations()).containsExactly(expected.iterations());
        assertThat(actual.zeroGradients()).containsExactly(expected.zeroGradients());
        assertThat(actual.labelAfter()).containsExactly(expected.labelAfter());
    }
}
