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

class NesTest {
    private static final int N = 40;

    private final float[] x = Fixtures.inputs(N, 1);

    private static Nes attack(Norm norm) {
        return Nes.of(norm, norm == Norm.LINF ? 0.05 : 0.25)
                .queries(180)
                .samples(10)
                .build();
    }

    private AttackResult run(Attack attack, int threads, int batchSize, boolean oracle) {
        AttackOptions options = AttackOptions.DEFAULT.withBatchSize(batchSize);
        try (Device device = Device.cpu(threads);
                Classifier classifier = Fixtures.network(device)) {
            return attack.run(oracle ? Oracle.of(classifier) : classifier, x, classifier.predict(x), options);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Norm.class,
            names = {"LINF", "L2"})
    void aLinearModelIsBeatenBeyondTheClosedFormAndNeverBelow(Norm norm) {
        LinearCase linear = new LinearCase(8, 3);
        try (Device device = Device.cpu(1);
                Classifier classifier = linear.on(device)) {
            for (int i = 0; i < linear.labels.length; i++) {
                double radius = linear.radius(norm, i);
                AttackResult beyond =
                        Nes.of(norm, 1.3 * radius).build().run(classifier, linear.input(i), linear.label(i));
                assertThat(beyond.success()[0]).as("example %d at 1.3 r", i).isTrue();
                AttackResult below = Nes.of(norm, 0.999 * radius)
                        .queries(1000)
                        .build()
                        .run(classifier, linear.input(i), linear.label(i));
                assertThat(below.success()[0]).as("example %d at 0.999 r", i).isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Norm.class,
            names = {"LINF", "L2"})
    void neitherBatchSizeNorThreadsNorAnOracleMatter(Norm norm) {
        AttackResult expected = run(attack(norm), 1, N, false);
        assertThat(expected.successes()).isBetween(1, N - 1);
        for (int batchSize : new int[] {1, 7, N}) {
            for (int threads : new int[] {1, 2}) {
                AttackResult actual = run(attack(norm), threads, batchSize, threads == 1);
                assertThat(actual.adversarial()).containsExactly(expected.adversarial());
                assertThat(actual.iterations()).containsExactly(expected.iterations());
                assertThat(actual.loss()).containsExactly(expected.loss());
            }
        }
    }

    @Test
    void queriesAreCountedAndTheBudgetIsKept() {
        AttackResult all = run(attack(Norm.LINF), 1, N, true);
        int most = 1 + 16 * 11; // of 180
        for (int i = 0; i < N; i++) {
            assertThat(all.queries()[i]).isEqualTo(all.success()[i] ? 1 + 11 * all.iterations()[i] : most);
        }
        try (Device device = Device.cpu(1);
                Classifier classifier = Fixtures.network(device)) {
            AttackResult few = attack(Norm.LINF)
                    .run(Oracle.of(classifier), x, classifier.predict(x), AttackOptions.DEFAULT.withQueries(24));
            assertThat(Arrays.stream(few.queries()).max()).hasValue(23);
        }
    }

    @Test
    void classesCanBeSought() {
        try (Device device = Device.cpu(1);
                Classifier classifier = Fixtures.network(device)) {
            int[] targets = classifier.predict(x);
            Arrays.setAll(targets, i -> (targets[i] + 1) % Fixtures.CLASSES);
            AttackResult result = Nes.linf(0.3).targeted(true).build().run(classifier, x, targets);
            assertThat(result.successes()).isGreaterThan(N / 2);
            for (int i = 0; i < N; i++) {
                assertThat(result.labelAfter()[i] == targets[i]).isEqualTo(result.success()[i]);
            }
        }
    }

    @Test
    void labelsAloneAreNotEnough() {
        try (Device device = Device.cpu(1);
                Classifier classifier = Fixtures.network(device)) {
            Oracle oracle = Oracle.of(classifier).labelsOnly();
            assertThatThrownBy(() -> attack(Norm.LINF).run(oracle, x, new int[N]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the attack nes needs logits, but an oracle");
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
        Nes attack = attack(norm);
        attack = attack.toBuilder()
                .queries(45)
                .stepSize(attack.threat().epsilon() / 3)
                .build();
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
    void badSettingsAreRefused() {
        assertThatThrownBy(() -> Nes.of(Norm.L1, 1)).hasMessage("the norm is l1: nes is there for linf and l2");
        assertThatThrownBy(() -> Nes.linf(0.1).queries(0)).hasMessageContaining("queries is 0");
        assertThatThrownBy(() -> Nes.linf(0.1).samples(7)).hasMessageContaining("samples is 7: it must be even");
        assertThatThrownBy(() -> Nes.linf(0.1).sigma(0)).hasMessageContaining("sigma is 0.0");
        assertThatThrownBy(() -> Nes.l2(0.1).stepSize(Double.NaN)).hasMessageContaining("step size is NaN");
        assertThatThrownBy(() -> Nes.l2(0.1).build().forTraining()).hasMessageContaining("is for evaluation");
    }
}
