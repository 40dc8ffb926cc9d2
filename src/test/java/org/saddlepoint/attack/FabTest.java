package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.saddlepoint.model.Layers.dense;

import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceKind;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;

/** Of a linear classifier the distance to the nearest other class is known, with the box and without. */
@Tag("cuda")
class FabTest {
    private static final int D = Linear.D;
    private static final int N = Linear.N;

    private static double distance(Norm norm, AttackResult result, int i) {
        return norm == Norm.LINF ? result.linf()[i] : result.l2()[i];
    }

    @ParameterizedTest
    @EnumSource(names = {"LINF", "L2"})
    void distancesAreWithinOnePercentOfTheClosedForm(Norm norm) {
        int compared = 0;
        try (Device device = Device.cpu(1)) {
            for (int seed = 0; seed < 10; seed++) {
                Linear linear = Linear.random(seed, 0.45, 0.55);
                try (Classifier classifier = linear.on(device)) {
                    AttackResult result =
                            Fab.of(norm, D).minimal(true).build().run(classifier, linear.x(), linear.labels());
                    for (int i = 0; i < N; i++) {
                        double exact = linear.closedForm(norm, i);
                        if (Math.abs(linear.inBox(norm, i) - exact) < 1e-9) { // the box is out of the way
                            assertThat(result.success()[i]).isTrue();
                            assertThat(distance(norm, result, i))
                                    .isGreaterThan(exact * (1 - 1e-5))
                                    .isCloseTo(exact, Percentage.withPercentage(1));
                            compared++;
                        }
                    }
                }
            }
        }
        assertThat(compared).isGreaterThan(80);
    }

    @ParameterizedTest
    @EnumSource(names = {"LINF", "L2"})
    void theBoxIsAllowedFor(Norm norm) {
        int compared = 0;
        try (Device device = Device.cpu(1)) {
            for (int seed = 0; seed < 10; seed++) {
                Linear linear = Linear.random(seed, -0.3, 1.3);
                try (Classifier classifier = linear.on(device)) {
                    AttackResult result =
                            Fab.of(norm, D).minimal(true).build().run(classifier, linear.x(), linear.labels());
                    for (int i = 0; i < N; i++) {
                        double exact = linear.inBox(norm, i);
                        if (exact < 10 && exact > linear.closedForm(norm, i) * 1.01) {
                            assertThat(result.success()[i]).isTrue();
                            assertThat(distance(norm, result, i))
                                    .isGreaterThan(exact * (1 - 1e-5))
                                    .isCloseTo(exact, Percentage.withPercentage(1));
                            compared++;
                        }
                    }
                }
            }
        }
        assertThat(compared).isGreaterThan(50);
    }

    @ParameterizedTest
    @EnumSource(names = {"LINF", "L2"})
    void noneIsBeatenBelowTheExactRadiusAndAllAreAbove(Norm norm) {
        Linear linear = Linear.random(3, -0.3, 1.3);
        int beaten = 0;
        try (Device device = Device.cpu(1);
                Classifier classifier = linear.on(device)) {
            for (int i = 0; i < N; i++) {
                double exact = linear.inBox(norm, i);
                int[] label = {linear.labels()[i]};
                Fab below = Fab.of(norm, Math.min(exact, D) * 0.9999).build();
                AttackResult none = below.run(classifier, linear.input(i), label);
                assertThat(none.success()).containsExactly(false);
                if (exact < 10) {
                    AttackResult one = below.withEpsilon(exact * 1.01).run(classifier, linear.input(i), label);
                    assertThat(one.success()).containsExactly(true);
                    assertThat(one.iterations()[0]).isBetween(1, 100);
                    beaten++;
                }
            }
        }
        assertThat(beaten).isGreaterThan(N / 2);
    }

    @ParameterizedTest
    @EnumSource(names = {"LINF", "L2"})
    void neitherBatchSizeNorThreadsMatter(Norm norm) {
        int n = 100;
        float[] x = Fixtures.inputs(n, 1);
        for (boolean minimal : new boolean[] {false, true}) {
            Fab attack = Fab.of(norm, norm == Norm.LINF ? 0.05 : 0.25)
                    .steps(15)
                    .targets(3)
                    .minimal(minimal)
                    .build();
            AttackResult expected = null;
            for (int threads : new int[] {1, 2}) {
                try (Device device = Device.cpu(threads);
                        Classifier classifier = Fixtures.network(device)) {
                    for (int batchSize : new int[] {100, 1, 7}) {
                        AttackResult actual = attack.run(
                                classifier, x, classifier.predict(x), AttackOptions.DEFAULT.withBatchSize(batchSize));
                        expected = expected == null ? actual : expected;
                        assertThat(actual.adversarial()).containsExactly(expected.adversarial());
                        assertThat(actual.iterations()).containsExactly(expected.iterations());
                        assertThat(actual.success()).containsExactly(expected.success());
                        assertThat(actual.successes()).isBetween(1, n - 1);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    void everyDeviceFindsTheDistances(DeviceKind kind) {
        Linear linear = Linear.random(7, 0.45, 0.55);
        try (Device device = kind.open(2);
                Classifier classifier = linear.on(device)) {
            for (Norm norm : new Norm[] {Norm.LINF, Norm.L2}) {
                AttackResult result =
                        Fab.of(norm, D).steps(12).minimal(true).build().run(classifier, linear.x(), linear.labels());
                for (int i = 0; i < N; i++) {
                    assertThat(distance(norm, result, i))
                            .isCloseTo(linear.inBox(norm, i), Percentage.withPercentage(1));
                }
            }
        }
    }

    @Test
    void aZeroGradientLeavesTheExampleAloneAndIsCounted() {
        float[] parameters = new float[2 * (D + 1)];
        parameters[2 * D] = 1f; // the bias alone decides
        float[] x = Values.uniform(new Random(1), D, 0, 1);
        try (Device device = Device.cpu(1);
                Classifier classifier = Classifier.of(Model.sequential(dense(D, 2)), device, parameters)) {
            AttackResult result = Fab.linf(0.3).steps(5).build().run(classifier, x, new int[] {0});
            assertThat(result.adversarial()).containsExactly(x);
            assertThat(result.zeroGradients()).containsExactly(5);
            assertThat(result.success()).containsExactly(false);
            // What is misclassified to begin with has no distance.
            AttackResult before = Fab.l2(0).steps(5).build().run(classifier, x, new int[] {1});
            assertThat(before.success()).containsExactly(true);
            assertThat(before.iterations()).containsExactly(0);
            assertThat(before.l2()).containsExactly(0);
        }
    }

    @Test
    void badSettingsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fab.of(Norm.L1, 1))
                .withMessage("the norm is l1: fab-t is there for linf and l2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fab.linf(Double.NaN))
                .withMessage("epsilon is NaN: it must be a finite number of at least 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fab.linf(0.1).targets(0))
                .withMessage("targets is 0: it must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fab.linf(0.1).beta(1.5))
                .withMessage("beta is 1.5: it must lie in [0,1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fab.linf(0.1).eta(0.9))
                .withMessage("eta is 0.9: it must be a finite number of at least 1");
    }
}
