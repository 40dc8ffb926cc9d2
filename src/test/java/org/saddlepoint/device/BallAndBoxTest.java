package org.saddlepoint.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * Whatever moves an input leaves it in ball and box, exactly: 0 violations among millions of values, at radii from 0 to
 * beyond the box and at inputs on its edge. Distances are recomputed here, some of them without any rounding.
 */
@Tag("cuda")
class BallAndBoxTest {
    private static final float[] EPSILONS = {0f, 1e-30f, 1e-8f, 0.031f, 0.1f, 0.3f, 1f, 10f};
    private static final float[] EDGES = {
        0f, 1f, Float.MIN_VALUE, Float.MIN_NORMAL, 1e-30f, 1e-8f, Math.nextDown(1f), 0.5f, Math.nextUp(0.5f), 0.1f
    };
    private static final int N = 30;
    private static final int D = 784;

    static Stream<Arguments> normsOnDevices() {
        return DeviceKind.tested().flatMap(kind -> Stream.of(Norm.values()).map(norm -> Arguments.of(kind, norm)));
    }

    @ParameterizedTest
    @MethodSource("normsOnDevices")
    void everyMoveStaysInBallAndBox(DeviceKind kind, Norm norm) {
        moveAndCheck(kind, norm, 1);
    }

    @ParameterizedTest
    @MethodSource("normsOnDevices")
    @Tag("exhaustive")
    void everyMoveStaysInBallAndBoxAHundredTimesOver(DeviceKind kind, Norm norm) {
        moveAndCheck(kind, norm, 100);
    }

    private static void moveAndCheck(DeviceKind kind, Norm norm, int rounds) {
        Random random = new Random(7);
        try (Device device = kind.open(1)) {
            for (int round = 0; round < rounds; round++) {
                for (float epsilon : EPSILONS) {
                    float[] origin = origins(random);
                    ThreatModel threat = new ThreatModel(norm, epsilon);
                    check(threat, origin, projected(device, threat, origin, random), "project");
                    check(threat, origin, started(device, threat, origin, random.nextInt()), "randomStart");
                    for (float stepSize : new float[] {epsilon / 4, epsilon, 3 * epsilon, 0.5f}) {
                        check(threat, origin, stepped(device, threat, origin, random, stepSize), "step");
                    }
                    if (norm == Norm.LINF) {
                        check(threat, origin, denseStepped(device, threat, origin, random), "denseLinfStep");
                    }
                }
            }
        }
    }

    /** Pixels, a third of them on or by the edge of the box. */
    private static float[] origins(Random random) {
        float[] origin = Values.uniform(random, N * D, 0, 1);
        for (int i = 0; i < origin.length; i++) {
            if (random.nextInt(3) == 0) {
                origin[i] = EDGES[random.nextInt(EDGES.length)];
            }
        }
        return origin;
    }

    private static float[] projected(Device device, ThreatModel threat, float[] origin, Random random) {
        try (Bench bench = new Bench(device)) {
            float[] x = Values.uniform(random, N * D, -1, 2);
            x[0] = Float.POSITIVE_INFINITY;
            x[D] = Float.NaN;
            x[2 * D] = -Float.MAX_VALUE;
            Buffer at = bench.floats(x);
            bench.operations().project(threat.norm(), threat.epsilon(), N, D, bench.floats(origin), at);
            return at.floats(N * D);
        }
    }

    private static float[] started(Device device, ThreatModel threat, float[] origin, int seed) {
        try (Bench bench = new Bench(device)) {
            Buffer x = bench.floatOutput(N * D);
            Loop.Rule rule = new Loop.Rule(threat, 1, 0f, 1, Start.BALL_AND_BOX, false);
            int[] indices = new int[N];
            Arrays.setAll(indices, i -> seed + i);
            bench.operations().randomStart(bench.loop(N, rule, origin, indices, x, null), D);
            return x.floats(N * D);
        }
    }

    /** Three steps, so that the later ones begin on the surface. */
    private static float[] stepped(Device device, ThreatModel threat, float[] origin, Random random, float stepSize) {
        try (Bench bench = new Bench(device)) {
            Buffer x = bench.floats(origin);
            Loop.Rule rule = new Loop.Rule(threat, 1, stepSize, 50, Start.ORIGINAL, false);
            Loop loop = bench.loop(N, rule, origin, new int[N], x, null);
            for (int step = 0; step < 3; step++) {
                bench.operations().step(loop, D, bench.floats(Values.uniform(random, N * D, -1, 1)));
            }
            return x.floats(N * D);
        }
    }

    private static float[] denseStepped(Device device, ThreatModel threat, float[] origin, Random random) {
        try (Bench bench = new Bench(device)) {
            Buffer x = bench.floats(origin);
            Loop.Rule rule = new Loop.Rule(threat, 1, 0.7f * threat.epsilon(), 1, Start.ORIGINAL, false);
            Loop loop = bench.loop(N, rule, origin, new int[N], x, null);
            Buffer w = bench.floats(Values.uniform(random, 10 * D, -1, 1));
            for (int step = 0; step < 3; step++) {
                bench.operations().denseLinfStep(10, bench.floats(Values.uniform(random, N * 10, -1, 1)), w, loop, D);
            }
            return x.floats(N * D);
        }
    }

    private static void check(ThreatModel threat, float[] origin, float[] x, String what) {
        for (int i = 0; i < N; i++) {
            float[] from = Arrays.copyOfRange(origin, i * D, (i + 1) * D);
            float[] to = Arrays.copyOfRange(x, i * D, (i + 1) * D);
            for (float v : to) {
                if (!(v >= 0 && v <= 1)) {
                    fail("%s in %s: value %s is outside the box", what, threat, v);
                }
            }
            if (threat.epsilon() == 0) {
                requireSame(to, from, what);
            }
            if (i == 0 || threat.norm() == Norm.LINF) {
                requireInside(threat, from, to, what);
            }
            if (!threat.allows(from, to, 0, D)) {
                fail("%s in %s: distance %s", what, threat, threat.norm().distance(from, 0, to, 0, D));
            }
        }
    }

    /** L-inf in double, which is exact enough: differences of floats round to epsilon at most. The others in decimals. */
    private static void requireInside(ThreatModel threat, float[] from, float[] to, String what) {
        BigDecimal epsilon = new BigDecimal(threat.epsilon());
        BigDecimal total = BigDecimal.ZERO;
        for (int j = 0; j < D; j++) {
            if (threat.norm() == Norm.LINF) {
                if (Math.abs((double) to[j] - (double) from[j]) > threat.epsilon()) {
                    fail("%s in %s: %s went to %s", what, threat, from[j], to[j]);
                }
                if (j % 97 != 0) {
                    continue;
                }
            }
            BigDecimal delta =
                    new BigDecimal(to[j]).subtract(new BigDecimal(from[j])).abs();
            switch (threat.norm()) {
                case LINF -> assertThat(delta).as("%s in %s", what, threat).isLessThanOrEqualTo(epsilon);
                case L2 -> total = total.add(delta.multiply(delta));
                case L1 -> total = total.add(delta);
            }
        }
        BigDecimal bound = threat.norm() == Norm.L2 ? epsilon.multiply(epsilon) : epsilon;
        assertThat(total).as("%s in %s", what, threat).isLessThanOrEqualTo(bound);
    }

    @ParameterizedTest
    @MethodSource("normsOnDevices")
    void aPointInsideStaysAsItIs(DeviceKind kind, Norm norm) {
        Random random = new Random(8);
        float[] origin = origins(random);
        try (Device device = kind.open(1);
                Bench bench = new Bench(device)) {
            for (float epsilon : new float[] {0f, 1e-8f, 0.1f, 1000f}) {
                // A point of the ball is what one projection makes; the wide ball holds everything, tiny values too.
                float[] inside = epsilon == 1000f
                        ? origins(random)
                        : projected(device, new ThreatModel(norm, epsilon), origin, random);
                Buffer x = bench.floats(inside);
                bench.operations().project(norm, epsilon, N, D, bench.floats(origin), x);
                requireSame(x.floats(N * D), inside, "epsilon " + epsilon);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("normsOnDevices")
    void aGradientThatIsNoNumberMovesNothing(DeviceKind kind, Norm norm) {
        Random random = new Random(9);
        float[] origin = origins(random);
        float[] gradient = new float[N * D];
        Arrays.fill(gradient, Float.NaN);
        Loop.Rule rule = new Loop.Rule(new ThreatModel(norm, 1000f), 1, 0.1f, 10, Start.ORIGINAL, false);
        try (Device device = kind.open(1);
                Bench bench = new Bench(device)) {
            Buffer x = bench.floats(origin);
            bench.operations().step(bench.loop(N, rule, origin, new int[N], x, null), D, bench.floats(gradient));
            requireSame(x.floats(N * D), origin, "no number in any row");
            gradient[5] = 1f; // a row with one number in it may move there alone
            gradient[D + 5] = Float.POSITIVE_INFINITY;
            bench.operations().step(bench.loop(N, rule, origin, new int[N], x, null), D, bench.floats(gradient));
            float[] moved = x.floats(N * D);
            moved[5] = origin[5];
            moved[D + 5] = origin[D + 5];
            requireSame(moved, origin, "one number in a row");
        }
    }

    private static void requireSame(float[] actual, float[] expected, String what) {
        int at = Arrays.mismatch(actual, expected);
        if (at >= 0) {
            fail("%s: value %d is %s, expected %s", what, at, actual[at], expected[at]);
        }
    }
}
