package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.ROWS;
import static org.saddlepoint.device.OperationCase.WIDTHS;
import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.interleave;
import static org.saddlepoint.device.OperationCase.random;
import static org.saddlepoint.device.OperationCase.row;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.below;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.BallReference;
import org.saddlepoint.reference.BoundaryReference;
import org.saddlepoint.reference.LossReference;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** FAB's steps to the boundary, and its choice among iterates. */
final class BoundaryCases {
    private static final int C = 4;
    private static final int STEP = 6;
    /** Of results in double: ill-conditioned where few coordinates of a small weight are left to move. */
    private static final double DOUBLES = 1e-7;

    private interface Build {
        OperationCase of(String name, int n, int d, boolean minimal, Random random);
    }

    private BoundaryCases() {}

    private static Stream<OperationCase> sizes(Build build) {
        return IntStream.of(ROWS)
                .boxed()
                .flatMap(n -> IntStream.of(WIDTHS).boxed().map(d -> {
                    boolean minimal = (n + d) % 3 == 0;
                    String name = n + " x " + d + (minimal ? ", minimal" : "");
                    return build.of(name, n, d, minimal, random(name));
                }));
    }

    /** Values in the box, many of them on it. */
    private static float[] inputs(Random random, int count) {
        float[] values = uniform(random, count, -0.3, 1.3);
        for (int i = 0; i < count; i++) {
            values[i] = Math.min(1f, Math.max(0f, values[i]));
        }
        return values;
    }

    private static int[] someBeaten(int n) {
        return IntStream.range(0, n).map(i -> i % 5 == 4 ? 2 : -1).toArray();
    }

    static Stream<OperationCase> step(Norm norm) {
        return sizes((name, n, d, minimal, random) -> {
            float[] origin = inputs(random, n * d);
            float[] x = inputs(random, n * d);
            float[] gradient = uniform(random, n * d, -1, 1);
            float[] logits = uniform(random, n * C, -1, 1);
            float[] direction = new float[n * C];
            int[] beaten = someBeaten(n);
            int[] zeros = below(random, n, 5);
            for (int i = 0; i < n; i++) {
                direction[i * C + i % C] = 1f;
                direction[i * C + (i + 1) % C] = -1f;
                if (i % 7 == 3) {
                    Arrays.fill(gradient, i * d, (i + 1) * d, i % 2 == 0 ? 0f : -0f);
                }
                if (i % 11 == 5) {
                    logits[i * C + i % C] = Float.NaN;
                }
                if (i % 6 == 1) {
                    gradient[i * d + d / 2] = 0f;
                    logits[i * C + i % C] = 40f; // beyond the box, where it is narrow
                }
            }
            float mostOrigin = 0.1f;
            float overshoot = 1.05f;
            BoundaryWalk.Rule rule =
                    new BoundaryWalk.Rule(new ThreatModel(norm, 0.1f), mostOrigin, overshoot, 0.9f, minimal);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        int rows = to - from;
                        Buffer at = bench.floats(cut(x, d, from, to));
                        Buffer counts = bench.ints(cut(zeros, from, to));
                        BestIterate best = new BestIterate(at, at, bench.ints(cut(beaten, from, to)), counts);
                        BoundaryWalk walk =
                                new BoundaryWalk(rows, bench.floats(cut(origin, d, from, to)), counts, at, rule, best);
                        bench.operations()
                                .boundaries()
                                .step(
                                        walk,
                                        d,
                                        C,
                                        bench.floats(cut(logits, C, from, to)),
                                        bench.floats(cut(direction, C, from, to)),
                                        bench.floats(cut(gradient, d, from, to)));
                        return interleave(rows, Bench.read(at), Bench.read(counts));
                    },
                    () -> {
                        double[] moved = widen(x);
                        double[] tolerances = new double[n * d];
                        double[] counts = widen(zeros);
                        for (int i = 0; i < n; i++) {
                            double[] w = row(widen(gradient), d, i);
                            double value = (double) logits[i * C + i % C] - (double) logits[i * C + (i + 1) % C];
                            boolean zero = Arrays.stream(w).allMatch(v -> v == 0);
                            if (!minimal && beaten[i] >= 0) {
                                continue;
                            }
                            counts[i] += zero ? 1 : 0;
                            if (!zero && !Double.isNaN(value)) {
                                double[] to = BoundaryReference.step(
                                        norm,
                                        value,
                                        w,
                                        row(widen(x), d, i),
                                        row(widen(origin), d, i),
                                        mostOrigin,
                                        overshoot);
                                System.arraycopy(to, 0, moved, i * d, d);
                                Arrays.fill(tolerances, i * d, (i + 1) * d, ROUNDOFF + DOUBLES);
                            }
                        }
                        return new Expected(interleave(n, moved, counts), interleave(n, tolerances, new double[n]));
                    });
        });
    }

    /** Distances that are far from one another: which is kept hangs on no rounding. */
    static Stream<OperationCase> keepClosest(Norm norm) {
        return sizes((name, n, d, minimal, random) -> {
            float[] origin = inputs(random, n * d);
            float[] x = inputs(random, n * d);
            float[] logits = uniform(random, n * C, -1, 1);
            int[] labels = below(random, n, C);
            float[] bestX = inputs(random, n * d);
            float[] objective = new float[n];
            int[] beaten = someBeaten(n);
            float epsilon = norm == Norm.LINF ? 0.5f : 0.4f * (float) Math.sqrt(d);
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < d; j++) {
                    int at = i * d + j;
                    x[at] = origin[at] + (x[at] - origin[at]) * (i % 4 + 1) / 4;
                }
                double distance = BallReference.distance(norm, row(widen(x), d, i), row(widen(origin), d, i));
                objective[i] = i % 3 == 0 ? Float.NEGATIVE_INFINITY : (float) (-distance * (i % 3 == 1 ? 0.7 : 1.4));
                beaten[i] = objective[i] >= -epsilon && beaten[i] < 0 && distance <= epsilon ? 1 : beaten[i];
            }
            float pull = 0.9f;
            BoundaryWalk.Rule rule = new BoundaryWalk.Rule(new ThreatModel(norm, epsilon), 0.1f, 1.05f, pull, minimal);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        int rows = to - from;
                        BestIterate best = new BestIterate(
                                bench.floats(cut(bestX, d, from, to)),
                                bench.floats(cut(objective, 1, from, to)),
                                bench.ints(cut(beaten, from, to)),
                                bench.intOutput(rows));
                        Buffer at = bench.floats(cut(x, d, from, to));
                        BoundaryWalk walk = new BoundaryWalk(
                                rows,
                                bench.floats(cut(origin, d, from, to)),
                                bench.ints(cut(labels, from, to)),
                                at,
                                rule,
                                best);
                        Buffer z = bench.floats(cut(logits, C, from, to));
                        bench.operations().boundaries().keepClosest(walk, d, C, z, STEP);
                        return interleave(
                                rows,
                                Bench.read(at),
                                Bench.read(best.x()),
                                Bench.read(best.objective()),
                                Bench.read(best.beaten()));
                    },
                    () -> {
                        double[] moved = widen(x);
                        double[] kept = widen(bestX);
                        double[] value = widen(objective);
                        double[] steps = widen(beaten);
                        double[] atTolerance = new double[n * d];
                        double[] valueTolerance = new double[n];
                        for (int i = 0; i < n; i++) {
                            boolean missed = LossReference.argMax(row(widen(logits), C, i)) != labels[i];
                            if (!missed || (!minimal && beaten[i] >= 0)) {
                                continue;
                            }
                            double distance =
                                    BallReference.distance(norm, row(widen(x), d, i), row(widen(origin), d, i));
                            boolean inside = distance <= epsilon;
                            if (-distance > value[i] || (inside && beaten[i] < 0)) {
                                System.arraycopy(widen(x), i * d, kept, i * d, d);
                                value[i] = -distance;
                                valueTolerance[i] = 2 * ROUNDOFF * distance;
                                steps[i] = inside ? STEP : -1;
                            }
                            for (int j = i * d; j < (i + 1) * d; j++) {
                                moved[j] = origin[j] + (double) pull * ((double) x[j] - origin[j]);
                                atTolerance[j] = ROUNDOFF;
                            }
                        }
                        return new Expected(
                                interleave(n, moved, kept, value, steps),
                                interleave(n, atTolerance, new double[n * d], valueTolerance, new double[n]));
                    });
        });
    }
}
