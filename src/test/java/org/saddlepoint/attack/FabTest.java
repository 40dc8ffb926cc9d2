package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.saddlepoint.model.Layers.dense;

import java.util.Arrays;
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
import org.saddlepoint.reference.BallReference;
import org.saddlepoint.reference.BoundaryReference;
import org.saddlepoint.reference.DenseReference;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;

/** Of a linear classifier the distance to the nearest other class is known, with the box and without. */
@Tag("cuda")
class FabTest {
    private static final int D = 20;
    private static final int N = 12;
    private static final int C = 6;

    /** A linear classifier, inputs, and what it says of them. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Linear(float[] parameters, float[] x, int[] labels) {
        static Linear random(int seed, double low, double high) {
            Random random = new Random(seed);
            float[] parameters = Values.uniform(random, C * (D + 1), -1, 1);
            float[] x = Values.uniform(random, N * D, low, high);
            for (int j = 0; j < x.length; j++) {
                x[j] = Math.min(1f, Math.max(0f, x[j]));
            }
            double[] p = Values.widen(parameters);
            double[] bias = Arrays.copyOfRange(p, C * D, p.length);
            double[] z = DenseReference.forward(N, D, C, Values.widen(x), p, bias);
            int[] labels = new int[N];
            for (int i = 0; i < N; i++) {
                for (int j = 1; j < C; j++) {
                    labels[i] = z[i * C + j] > z[i * C + labels[i]] ? j : labels[i];
                }
            }
            return new Linear(parameters, x, labels);
        }

        Classifier on(Device device) {
            return Classifier.of(Model.sequential(dense(D, C)), device, parameters);
        }

        float[] input(int i) {
            return Arrays.copyOfRange(x, i * D, (i + 1) * D);
        }

        double[] weights(int i, int t) {
            double[] w = new double[D];
            for (int k = 0; k < D; k++) {
                w[k] = (double) parameters[t * D + k] - parameters[labels[i] * D + k];
            }
            return w;
        }

        double value(int i, int t) {
            double bias = (double) parameters[C * D + t] - parameters[C * D + labels[i]];
            return bias + BoundaryReference.dot(weights(i, t), Values.widen(input(i)));
        }

        /** Without the box: |value| over the dual norm of the weights. */
        double closedForm(Norm norm, int i) {
            double least = Double.POSITIVE_INFINITY;
            for (int t = 0; t < C; t++) {
                if (t != labels[i]) {
                    double[] w = weights(i, t);
                    double dual = norm == Norm.LINF
                            ? Arrays.stream(w).map(Math::abs).sum()
                            : Math.sqrt(BoundaryReference.dot(w, w));
                    least = Math.min(least, -value(i, t) / dual);
                }
            }
            return least;
        }

        /** Within the box, by bisection; infinite where no class can be reached. */
        double inBox(Norm norm, int i) {
            double least = Double.POSITIVE_INFINITY;
            double[] from = Values.widen(input(i));
            for (int t = 0; t < C; t++) {
                if (t != labels[i]) {
                    double[] w = weights(i, t);
                    double[] way = BoundaryReference.way(norm, value(i, t), w, from);
                    if (value(i, t) + BoundaryReference.dot(w, way) > -1e-9) {
                        least = Math.min(least, BallReference.distance(norm, way, new double[D]));
                    }
                }
            }
            return least;
        }
    }

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
                            Fab.of(norm, D).minimal(true).build().run(classifier, linear.x, linear.labels);
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
                            Fab.of(norm, D).minimal(true).build().run(classifier, linear.x, linear.labels);
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
                int[] label = {linear.labels[i]};
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
                        Fab.of(norm, D).steps(12).minimal(true).build().run(classifier, linear.x, linear.labels);
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
