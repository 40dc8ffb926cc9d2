package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.dense;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.Device;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.DenseReference;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;

/**
 * Of a linear classifier the worst margin is known: margin - epsilon * ||w_y - w_t|| in the dual norm, where the box is
 * inactive. Margins are recomputed in double on the adversarial inputs. Tolerance: an input's value is half an ulp and a
 * bound rounded inwards away from where it should be, at most 2^-23 together, and a shrunk L2 or L1 row lacks 2^-20 of
 * its radius; each times the L1 norm of the difference of weights.
 */
class LinearModelTest {
    private static final int D = 20;
    private static final int N = 8;
    private static final double EPSILON = 0.05;

    private final Device device = Device.cpu(1);

    @AfterEach
    void close() {
        device.close();
    }

    /** Weights of c classes over inputs about the middle of the box. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Linear(int c, float[] parameters, float[] x) {
        static Linear random(int c, int seed) {
            Random random = new Random(seed);
            return new Linear(c, Values.uniform(random, c * (D + 1), -1, 1), Values.uniform(random, N * D, 0.4, 0.6));
        }

        Classifier on(Device device) {
            return Classifier.of(Model.sequential(dense(D, c)), device, parameters);
        }

        double margin(float[] inputs, int i, int y, int t) {
            double[] p = Values.widen(parameters);
            double[] x = Values.widen(Arrays.copyOfRange(inputs, i * D, (i + 1) * D));
            double[] z = DenseReference.forward(1, D, c, x, p, Arrays.copyOfRange(p, c * D, p.length));
            return z[y] - z[t];
        }

        /** The norm of w_y - w_t, folded over its absolute values. */
        double difference(int y, int t, DoubleBinaryOperator fold) {
            double total = 0;
            for (int k = 0; k < D; k++) {
                total = fold.applyAsDouble(total, Math.abs((double) parameters[y * D + k] - parameters[t * D + k]));
            }
            return total;
        }

        double dual(Norm norm, int y, int t) {
            return switch (norm) {
                case LINF -> difference(y, t, Double::sum);
                case L2 -> Math.sqrt(difference(y, t, (sum, v) -> sum + v * v));
                case L1 -> difference(y, t, Math::max);
            };
        }

        double worstMargin(Norm norm, int i, int y, int t) {
            return margin(x, i, y, t) - EPSILON * dual(norm, y, t);
        }

        double tolerance(int y, int t) {
            return (0x1p-23 + EPSILON * 0x1p-20) * difference(y, t, Double::sum);
        }
    }

    static Stream<Pgd> attacks() {
        return Stream.of(
                Fgsm.linf(EPSILON).build(),
                FgsmRs.linf(EPSILON).relativeStepSize(2).build(),
                Bim.linf(EPSILON).iterate(Iterate.LAST).build(),
                Pgd.linf(EPSILON).iterate(Iterate.LAST).build(),
                Pgd.linf(EPSILON).iterate(Iterate.LAST).loss(Losses.MARGIN).build(),
                Pgd.linf(EPSILON).iterate(Iterate.LAST).restarts(3).build(),
                Fgsm.l2(EPSILON).build(),
                Bim.l2(EPSILON).iterate(Iterate.LAST).build(),
                Fgsm.l1(EPSILON).build(),
                Bim.l1(EPSILON).iterate(Iterate.LAST).build());
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void twoClassesMeetTheClosedForm(Pgd attack) {
        for (int seed = 0; seed < 20; seed++) {
            Linear linear = Linear.random(2, seed);
            try (Classifier classifier = linear.on(device)) {
                int[] labels = classifier.predict(linear.x);
                AttackResult result = attack.run(classifier, linear.x, labels);
                for (int i = 0; i < N; i++) {
                    int y = labels[i];
                    assertThat(linear.margin(result.adversarial(), i, y, 1 - y))
                            .isCloseTo(
                                    linear.worstMargin(attack.threat().norm(), i, y, 1 - y),
                                    Offset.offset(linear.tolerance(y, 1 - y)));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void moreClassesMeetItTargetByTarget(Norm norm) {
        int c = 6;
        for (int seed = 0; seed < 10; seed++) {
            Linear linear = Linear.random(c, seed);
            double[] worst = new double[N];
            double[] expected = new double[N];
            Arrays.fill(worst, Double.POSITIVE_INFINITY);
            Arrays.fill(expected, Double.POSITIVE_INFINITY);
            try (Classifier classifier = linear.on(device)) {
                int[] labels = classifier.predict(linear.x);
                for (int offset = 1; offset < c; offset++) {
                    AttackResult result = Fgsm.of(norm, EPSILON)
                            .loss(towards(offset, c))
                            .build()
                            .run(classifier, linear.x, labels);
                    for (int i = 0; i < N; i++) {
                        int y = labels[i];
                        int t = (y + offset) % c;
                        worst[i] = Math.min(worst[i], linear.margin(result.adversarial(), i, y, t));
                        expected[i] = Math.min(expected[i], linear.worstMargin(norm, i, y, t));
                    }
                }
            }
            assertThat(worst).containsExactly(expected, Offset.offset((0x1p-23 + EPSILON * 0x1p-20) * 2 * D));
        }
    }

    /** z_t - z_y for the class t so far after the label. */
    private static Loss towards(int offset, int c) {
        return Losses.perExample("towards", (z, y, gradient) -> {
            int t = (y + offset) % c;
            Arrays.fill(gradient, 0f);
            gradient[t] = 1f;
            gradient[y] = -1f;
            return z[t] - z[y];
        });
    }

    @Test
    void untargetedCrossEntropyNeverClaimsLessThanTheClosedForm() {
        int c = 10;
        int beaten = 0;
        for (int seed = 0; seed < 1000; seed++) {
            Linear linear = Linear.random(c, seed);
            Pgd attack = seed % 2 == 0
                    ? Fgsm.linf(EPSILON).build()
                    : Pgd.linf(EPSILON).build();
            try (Classifier classifier = linear.on(device)) {
                int[] labels = classifier.predict(linear.x);
                AttackResult result = attack.run(classifier, linear.x, labels);
                beaten += result.successes();
                for (int i = 0; i < N; i++) {
                    for (int t = 0; t < c; t++) {
                        if (t != labels[i]) {
                            double tolerance = linear.tolerance(labels[i], t);
                            assertThat(linear.margin(result.adversarial(), i, labels[i], t))
                                    .isGreaterThan(linear.worstMargin(Norm.LINF, i, labels[i], t) - tolerance);
                        }
                    }
                }
            }
        }
        assertThat(beaten).isBetween(1000, 1000 * N - 100); // the comparison was of close calls
    }

    @Test
    void aLargeEpsilonBeatsEveryExample() {
        Linear linear = Linear.random(10, 5);
        Arrays.fill(linear.parameters, 10 * D, linear.parameters.length, 0f); // no bias: a class wins somewhere or ties
        try (Classifier classifier = linear.on(device)) {
            int[] labels = classifier.predict(linear.x);
            for (Norm norm : Norm.values()) {
                AttackResult result = Pgd.of(norm, D).steps(40).build().run(classifier, linear.x, labels);
                assertThat(result.successes()).as("%s", norm).isEqualTo(N);
            }
        }
    }
}
