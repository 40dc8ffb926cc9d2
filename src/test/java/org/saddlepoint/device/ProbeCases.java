package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.ROWS;
import static org.saddlepoint.device.OperationCase.WIDTHS;
import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.random;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.below;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.PhiloxReference;
import org.saddlepoint.reference.ProbeReference;

/** Probes around a point, and the gradient estimated from them. */
final class ProbeCases {
    private static final int NUMBER = 70_001;

    interface Build {
        OperationCase of(String name, int n, int d, Random random);
    }

    private ProbeCases() {}

    static Stream<OperationCase> sizes(Build build) {
        return IntStream.of(ROWS)
                .boxed()
                .flatMap(n ->
                        IntStream.of(WIDTHS).boxed().map(d -> build.of(n + " x " + d, n, d, random(n + " x " + d))));
    }

    /** Rows whose work is over. */
    static int[] someDone(int n) {
        return IntStream.range(0, n).map(i -> i % 5 == 4 ? 2 : -1).toArray();
    }

    static Stream<OperationCase> probe(ProbeNoise.Draw draw) {
        return sizes((name, n, d, random) -> {
            float[] point = StepCases.inputs(random, n * d);
            float[] before = uniform(random, n * d, 0, 1);
            int[] indices = below(random, n, 70_000);
            float[] scales = (n + d) % 2 == 0 ? null : uniform(random, n, 0, 3);
            int[] done = someDone(n);
            float scale = draw == ProbeNoise.Draw.GAUSSIAN ? -0.05f : 0.3f;
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        int rows = to - from;
                        Buffer x = bench.floats(cut(before, d, from, to));
                        ProbeNoise noise = new ProbeNoise(
                                draw,
                                bench.ints(cut(indices, from, to)),
                                Bench.RANDOM,
                                scale,
                                scales == null ? null : bench.floats(cut(scales, 1, from, to)));
                        Buffer at = bench.floats(cut(point, d, from, to));
                        Buffer mask = bench.ints(cut(done, from, to));
                        bench.operations().probes().probe(noise, rows, d, at, mask, NUMBER, x);
                        return Bench.read(x);
                    },
                    () -> {
                        double[] values = widen(before);
                        double[] tolerances = new double[n * d];
                        for (int i = 0; i < n; i++) {
                            if (done[i] >= 0) {
                                continue;
                            }
                            int index = indices[i];
                            double[] u = ProbeReference.direction(
                                    draw,
                                    d,
                                    e -> PhiloxReference.word(
                                            Bench.RANDOM.seed(), e, index, NUMBER, Bench.RANDOM.word()));
                            double far = (double) scale * (scales == null ? 1 : scales[i]);
                            for (int j = i * d; j < (i + 1) * d; j++) {
                                double way = far * u[j - i * d];
                                values[j] = Math.clamp(point[j] + way, 0.0, 1.0);
                                // The draw's rounding to float32 and, over its length, that of the others; then x's
                                // own.
                                tolerances[j] = 2 * ROUNDOFF * Math.abs(way) + ROUNDOFF;
                            }
                        }
                        return new Expected(values, tolerances);
                    });
        });
    }

    static Stream<OperationCase> estimate() {
        return sizes((name, n, d, random) -> {
            float[] point = StepCases.inputs(random, n * d);
            float[] x = StepCases.inputs(random, n * d);
            float[] base = uniform(random, n, -2, 2);
            float[] loss = uniform(random, n, -2, 2);
            float[] before = uniform(random, n * d, -1, 1);
            int[] done = someDone(n);
            boolean first = (n + d) % 2 == 0;
            if (first) {
                IntStream.range(0, n)
                        .filter(i -> done[i] < 0)
                        .forEach(i -> Arrays.fill(before, i * d, (i + 1) * d, Float.NaN));
            }
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer gradient = bench.floats(cut(before, d, from, to));
                        bench.operations()
                                .probes()
                                .estimate(
                                        to - from,
                                        d,
                                        bench.floats(cut(point, d, from, to)),
                                        bench.floats(cut(x, d, from, to)),
                                        bench.floats(cut(base, 1, from, to)),
                                        bench.floats(cut(loss, 1, from, to)),
                                        first,
                                        bench.ints(cut(done, from, to)),
                                        gradient);
                        return Bench.read(gradient);
                    },
                    () -> {
                        double[] values = widen(before);
                        double[] tolerances = new double[n * d];
                        for (int j = 0; j < n * d; j++) {
                            int i = j / d;
                            if (done[i] < 0) {
                                double rise = (double) loss[i] - base[i];
                                values[j] = (first ? 0 : before[j]) + rise * ((double) x[j] - point[j]);
                                tolerances[j] = ROUNDOFF * Math.abs(values[j]);
                            }
                        }
                        return new Expected(values, tolerances);
                    });
        });
    }
}
