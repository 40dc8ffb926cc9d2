package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.ROWS;
import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.random;
import static org.saddlepoint.device.OperationCase.row;
import static org.saddlepoint.reference.Values.below;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.PhiloxReference;
import org.saddlepoint.reference.SquareReference;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** The Square attack's start and proposals. */
final class SearchCases {
    /** Channels, height, width, rows, columns: windows of a pixel, of the image, of all its height, and that fit just so. */
    private static final int[][] SHAPES = {
        {1, 1, 1, 1, 1},
        {1, 1, 17, 1, 9},
        {3, 5, 7, 5, 1},
        {3, 5, 7, 3, 3},
        {1, 28, 28, 25, 25},
        {4, 6, 4, 2, 4},
        {2, 9, 9, 1, 1}
    };

    private static final int QUERY = 9;

    private interface Build {
        OperationCase of(String name, int n, SquareWindows shape, Random random);
    }

    private SearchCases() {}

    private static Stream<OperationCase> sizes(Build build) {
        return IntStream.of(ROWS)
                .boxed()
                .flatMap(n -> Arrays.stream(SHAPES).map(s -> {
                    String name = n + " of " + Arrays.toString(s);
                    return build.of(name, n, new SquareWindows(s[0], s[1], s[2], s[3], s[4], null), random(name));
                }));
    }

    private static float @Nullable [] bumps(Norm norm, SquareWindows shape, Random random) {
        return norm == Norm.LINF ? null : uniform(random, 2 * shape.rows() * shape.columns(), -0.5, 0.5);
    }

    private static SquareWindows with(SquareWindows s, Bench bench, float @Nullable [] bumps) {
        Buffer buffer = bumps == null ? null : bench.floats(bumps);
        return new SquareWindows(s.channels(), s.height(), s.width(), s.rows(), s.columns(), buffer);
    }

    private static SquareReference reference(SquareWindows s, float @Nullable [] bumps) {
        double[] values = bumps == null ? new double[0] : widen(bumps);
        return new SquareReference(s.channels(), s.height(), s.width(), s.rows(), s.columns(), values);
    }

    private static int word(int element, int index, int step) {
        return PhiloxReference.word(Bench.RANDOM.seed(), element, index, step, Bench.RANDOM.word());
    }

    static Stream<OperationCase> start(Norm norm) {
        return sizes((name, n, shape, random) -> {
            int d = shape.size();
            float[] origin = uniform(random, n * d, 0, 1);
            float[] bumps = bumps(norm, shape, random);
            int[] indices = below(random, n, 70_000);
            float epsilon = 0.3f;
            Loop.Rule rule = new Loop.Rule(new ThreatModel(norm, epsilon), 1, 0f, 1, Start.ORIGINAL, false);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer x = bench.floatOutput((to - from) * d);
                        Loop loop =
                                bench.loop(to - from, rule, cut(origin, d, from, to), cut(indices, from, to), x, null);
                        bench.operations().searches().squareStart(loop, with(shape, bench, bumps), epsilon);
                        return Bench.read(x);
                    },
                    () -> {
                        double[] drawn = new double[n * d];
                        for (int i = 0; i < n; i++) {
                            int index = indices[i];
                            double[] one = reference(shape, bumps)
                                    .start(epsilon, row(widen(origin), d, i), e -> word(e, index, Bench.RESTART));
                            System.arraycopy(one, 0, drawn, i * d, d);
                        }
                        return StepCases.expected(norm, epsilon, n, d, drawn, widen(origin));
                    });
        });
    }

    static Stream<OperationCase> proposal(Norm norm) {
        return sizes((name, n, shape, random) -> {
            int d = shape.size();
            float[] origin = uniform(random, n * d, 0, 1);
            float[] point = new float[n * d];
            for (int j = 0; j < point.length; j++) {
                point[j] = Math.clamp(origin[j] + (random.nextBoolean() ? 0.01f : -0.01f), 0f, 1f);
            }
            float[] before = uniform(random, n * d, 0, 1);
            float[] bumps = bumps(norm, shape, random);
            int[] indices = below(random, n, 70_000);
            int[] beaten = new int[n];
            for (int i = 0; i < n; i++) {
                beaten[i] = i % 5 == 4 ? 2 : -1;
            }
            float epsilon = 0.3f;
            Loop.Rule rule = new Loop.Rule(new ThreatModel(norm, epsilon), 1, 0f, 1, Start.ORIGINAL, false);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer x = bench.floats(cut(before, d, from, to));
                        BestIterate best = new BestIterate(
                                bench.floats(cut(point, d, from, to)),
                                x,
                                bench.ints(cut(beaten, from, to)),
                                bench.intOutput(to - from));
                        Loop loop =
                                bench.loop(to - from, rule, cut(origin, d, from, to), cut(indices, from, to), x, best);
                        bench.operations().searches().squareProposal(loop, with(shape, bench, bumps), QUERY);
                        return Bench.read(x);
                    },
                    () -> {
                        double[] drawn = new double[n * d];
                        for (int i = 0; i < n; i++) {
                            int index = indices[i];
                            double[] one = reference(shape, bumps)
                                    .proposal(
                                            epsilon,
                                            row(widen(point), d, i),
                                            row(widen(origin), d, i),
                                            e -> word(e, index, Bench.RESTART + QUERY));
                            System.arraycopy(one, 0, drawn, i * d, d);
                        }
                        Expected projected = StepCases.expected(norm, epsilon, n, d, drawn, widen(origin));
                        for (int i = 0; i < n; i++) {
                            if (beaten[i] >= 0) {
                                System.arraycopy(widen(before), i * d, projected.values(), i * d, d);
                                Arrays.fill(projected.tolerances(), i * d, (i + 1) * d, 0);
                            }
                        }
                        return projected;
                    });
        });
    }
}
