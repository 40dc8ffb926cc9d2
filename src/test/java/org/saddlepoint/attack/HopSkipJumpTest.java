package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceKind;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.oracle.Oracle;
import org.saddlepoint.threat.Norm;

class HopSkipJumpTest {
    private static final int N = 40;

    private final float[] x = Fixtures.inputs(N, 1);

    private static HopSkipJump attack(Norm norm) {
        return HopSkipJump.of(norm, norm == Norm.LINF ? 0.15 : 0.4)
                .queries(400)
                .probes(40)
                .build();
    }

    private AttackResult run(Attack attack, int threads, int batchSize, boolean oracle) {
        AttackOptions options = AttackOptions.DEFAULT.withBatchSize(batchSize);
        try (Device device = Device.cpu(threads);
                Classifier classifier = Fixtures.network(device)) {
            return attack.run(
                    oracle ? Oracle.of(classifier).labelsOnly() : classifier, x, classifier.predict(x), options);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Norm.class,
            names = {"LINF", "L2"})
    void theDistanceOfALinearModelIsNearlyTheClosedFormAndNeverLess(Norm norm) {
        LinearCase linear = new LinearCase(8, 3);
        try (Device device = Device.cpu(1);
                Classifier classifier = linear.on(device)) {
            AttackResult result =
                    HopSkipJump.of(norm, 10).minimal(true).build().run(classifier, linear.x, linear.labels);
            assertThat(result.successes()).isEqualTo(linear.labels.length);
            for (int i = 0; i < linear.labels.length; i++) {
                double distance = norm == Norm.L2 ? result.l2()[i] : result.linf()[i];
                assertThat(distance / linear.radius(norm, i))
                        .as("example %d", i)
                        .isBetween(0.9999, norm == Norm.L2 ? 1.03 : 1.15);
            }
        }
    }

    @Test
    void itStopsWithinEpsilonAndFailsBelowTheClosedForm() {
        LinearCase linear = new LinearCase(8, 3);
        try (Device device = Device.cpu(1);
                Classifier classifier = linear.on(device)) {
            for (int i = 0; i < linear.labels.length; i++) {
                double radius = linear.radius(Norm.L2, i);
                Oracle oracle = Oracle.of(classifier).labelsOnly();
                AttackResult beyond =
                        HopSkipJump.l2(1.3 * radius).build().run(oracle, linear.input(i), linear.label(i));
                assertThat(beyond.success()[0]).as("example %d", i).isTrue();
                assertThat(beyond.queries()[0]).isEqualTo(beyond.iterations()[0] + 1);
                AttackResult below = HopSkipJump.l2(0.999 * radius)
                        .queries(1000)
                        .build()
                        .run(oracle, linear.input(i), linear.label(i));
                assertThat(below.success()[0]).as("example %d", i).isFalse();
                assertThat(below.queries()[0]).isEqualTo(1000);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Norm.class,
            names = {"LINF", "L2"})
    void neitherBatchSizeNorThreadsNorLabelsAloneMatter(Norm norm) {
        AttackResult expected = run(attack(norm), 1, N, false);
        assertThat(expected.successes()).isBetween(1, N - 1);
        for (int batchSize : new int[] {1, 7, N}) {
            for (int threads : new int[] {1, 2}) {
                AttackResult actual = run(attack(norm), threads, batchSize, threads == 1);
                assertThat(actual.adversarial()).containsExactly(expected.adversarial());
                assertThat(actual.iterations()).containsExactly(expected.iterations());
            }
        }
    }

    @Test
    void theBudgetIsSpentExactlyAndNeverExceeded() {
        try (Device device = Device.cpu(1);
                Classifier classifier = Fixtures.network(device)) {
            int[] labels = classifier.predict(x);
            Oracle oracle = Oracle.of(classifier).labelsOnly();
            double before = Double.POSITIVE_INFINITY;
            for (int budget : new int[] {1, 2, 15, 57, 100, 333}) {
                AttackResult result = HopSkipJump.l2(20)
                        .minimal(true)
                        .build()
                        .run(oracle, x, labels, AttackOptions.DEFAULT.withQueries(budget));
                assertThat(result.queries()).containsOnly(budget);
                double sum = IntStream.range(0, N)
                        .mapToDouble(i -> result.success()[i] ? result.l2()[i] : 20)
                        .sum();
                assertThat(sum).isLessThanOrEqualTo(before);
                before = sum;
            }
        }
    }

    @Test
    void anExampleThatIsMisclassifiedAtTheStartTakesOneQuery() {
        try (Device device = Device.cpu(1);
                Classifier classifier = Fixtures.network(device)) {
            int[] labels = classifier.predict(x);
            Arrays.setAll(labels, i -> (labels[i] + 1) % Fixtures.CLASSES);
            AttackResult result = HopSkipJump.l2(0).minimal(true).build().run(Oracle.of(classifier), x, labels);
            assertThat(result.successes()).isEqualTo(N);
            assertThat(result.iterations()).containsOnly(0);
            assertThat(result.queries()).containsOnly(1);
        }
    }

    @Test
    void anExampleWithoutAStartStaysAsItIs() {
        try (Device device = Device.cpu(1)) {
            Oracle constant =
                    Oracle.ofLabels(Fixtures.MODEL.input(), Fixtures.CLASSES, device, (inputs, n) -> new int[n]);
            AttackResult result = HopSkipJump.l2(1).starts(30).build().run(constant, x, new int[N]);
            assertThat(result.successes()).isZero();
            assertThat(result.adversarial()).containsExactly(x);
            assertThat(result.queries()).containsOnly(31);
        }
    }

    static Stream<Arguments> normsOnDevices() {
        return DeviceKind.tested()
                .flatMap(kind -> Stream.of(Arguments.of(Norm.LINF, kind), Arguments.of(Norm.L2, kind)));
    }

    /** Devices round differently in the last place, which may turn a close choice: nearly all examples fall alike. */
    @ParameterizedTest
    @MethodSource("normsOnDevices")
    @Tag("cuda")
    void everyDeviceBeatsTheSameExamples(Norm norm, DeviceKind kind) {
        HopSkipJump attack = attack(norm).toBuilder().queries(120).build();
        AttackResult expected = run(attack, 1, N, false);
        try (Device device = kind.open(1);
                Classifier classifier = Fixtures.network(device)) {
            AttackResult actual = attack.run(classifier, x, classifier.predict(x));
            assertThat(IntStream.range(0, N).filter(i -> actual.success()[i] == expected.success()[i]))
                    .hasSizeGreaterThan(N * 9 / 10);
            assertThat(actual.successes()).isBetween(1, N - 1);
        }
    }

    @Test
    void theSearchEndsAtTheta() {
        assertThat(HopSkipJump.halvings(Norm.L2, 784)).isEqualTo(15); // 784^(-3/2) is 2^-14.4
        assertThat(HopSkipJump.halvings(Norm.LINF, 784)).isEqualTo(20);
        assertThat(HopSkipJump.halvings(Norm.L2, 1)).isEqualTo(7);
        assertThat(HopSkipJump.halvings(Norm.LINF, 100_000)).isEqualTo(24);
    }

    @Test
    void badSettingsAreRefused() {
        assertThatThrownBy(() -> HopSkipJump.of(Norm.L1, 1))
                .hasMessage("the norm is l1: hop-skip-jump is there for linf and l2");
        assertThatThrownBy(() -> HopSkipJump.l2(0.1).queries(0)).hasMessage("queries is 0: it must lie in 1..1000000");
        assertThatThrownBy(() -> HopSkipJump.l2(0.1).probes(0)).hasMessageContaining("probes is 0");
        assertThatThrownBy(() -> HopSkipJump.l2(Double.NaN)).hasMessageContaining("epsilon is NaN");
        assertThatThrownBy(() -> HopSkipJump.l2(0.1).build().forTraining()).hasMessageContaining("is for evaluation");
    }
}
