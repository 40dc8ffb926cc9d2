package org.saddlepoint.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * Random starts are uniform in the ball. In every norm (radius / epsilon)^d is then uniform in [0,1], and every coordinate
 * symmetric about zero. Bounds are five standard deviations of the sample's mean; the seed is fixed.
 */
class RandomStartTest {
    private static final int N = 4000;
    private static final int D = 9;
    private static final float EPSILON = 0.25f; // about 0.5, so that the box is never met

    @ParameterizedTest
    @EnumSource(Norm.class)
    void uniformInTheBall(Norm norm) {
        double[] share = new double[N];
        double[] sum = new double[D];
        double[] squares = new double[D];
        float[] x = starts(norm, 0);
        for (int i = 0; i < N; i++) {
            double radius = 0;
            for (int j = 0; j < D; j++) {
                double delta = x[i * D + j] - 0.5;
                sum[j] += delta;
                squares[j] += delta * delta;
                radius = switch (norm) {
                    case LINF -> Math.max(radius, Math.abs(delta));
                    case L2 -> Math.hypot(radius, delta);
                    case L1 -> radius + Math.abs(delta);
                };
            }
            share[i] = Math.pow(radius / EPSILON, D);
        }
        assertThat(kolmogorovSmirnov(share)).isLessThan(1.95 / Math.sqrt(N)); // one sample in a thousand exceeds it
        // The mean square of a coordinate, by integration over the unit ball.
        double variance = EPSILON
                * EPSILON
                * switch (norm) {
                    case LINF -> 1.0 / 3;
                    case L2 -> 1.0 / (D + 2);
                    case L1 -> 2.0 / ((D + 1) * (D + 2));
                };
        for (int j = 0; j < D; j++) {
            assertThat(sum[j] / N).isCloseTo(0, Offset.offset(5 * Math.sqrt(variance / N)));
            // The fourth moment is below 6 variance^2 in all three, so a square's deviation is below sqrt(5) variance.
            assertThat(squares[j] / N).isCloseTo(variance, Offset.offset(5 * Math.sqrt(5.0 / N) * variance));
        }
    }

    private static double kolmogorovSmirnov(double[] sample) {
        double[] sorted = sample.clone();
        Arrays.sort(sorted);
        double largest = 0;
        for (int i = 0; i < sorted.length; i++) {
            largest = Math.max(largest, Math.abs((i + 1.0) / sorted.length - sorted[i]));
            largest = Math.max(largest, Math.abs((double) i / sorted.length - sorted[i]));
        }
        return largest;
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void anotherRestartIsAnotherDraw(Norm norm) {
        float[] first = starts(norm, 0);
        float[] second = starts(norm, 1 << 16);
        int equal = 0;
        for (int i = 0; i < first.length; i++) {
            equal += first[i] == second[i] ? 1 : 0;
        }
        // Values on a grid of 2^-25 about 0.5: a few chance meetings, no more.
        assertThat(equal).isLessThan(first.length / 1000);
    }

    private static float[] starts(Norm norm, int restart) {
        float[] origin = new float[N * D];
        Arrays.fill(origin, 0.5f);
        int[] indices = new int[N];
        Arrays.setAll(indices, i -> i);
        try (Device device = Device.cpu(1);
                BufferArena arena = device.arena()) {
            Buffer from = arena.floats(N * D);
            Buffer index = arena.ints(N);
            Buffer x = arena.floats(N * D);
            from.write(origin);
            index.write(indices);
            Loop.Rule rule = new Loop.Rule(new ThreatModel(norm, EPSILON), 1, 0f, 1, Start.BALL_AND_BOX, false);
            RandomStream random = new RandomStream(1, RandomStream.Purpose.ATTACK_START, 0);
            device.operations().randomStart(new Loop(N, from, index, index, x, rule, random, restart, null, false), D);
            return x.floats(N * D);
        }
    }
}
