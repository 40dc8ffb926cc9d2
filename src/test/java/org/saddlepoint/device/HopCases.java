package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.interleave;
import static org.saddlepoint.device.OperationCase.row;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.below;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.saddlepoint.device.BoundaryHop.Phase;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.BallReference;
import org.saddlepoint.reference.HopReference;
import org.saddlepoint.reference.LossReference;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** HopSkipJump's turns, proposals and judgements. */
final class HopCases {
    private static final int C = 4;
    private static final int QUERIES = 9;
    private static final int ITERATION = 7;

    private HopCases() {}

    /** All that the operations read and write. */
    private static final class State {
        final Norm norm;
        final int d;
        final boolean minimal;
        final float epsilon;
        final float[] origin;
        final float[] x;
        final float[] point;
        final float[] toward;
        final float[] away;
        final float[] bracket;
        final float[] size;
        final float[] logits;
        final float[] bestX;
        final float[] objective;
        final int[] labels;
        final int[] counts;
        final int[] done;
        final int[] beaten;

        State(Norm norm, int n, int d, Random random) {
            this.norm = norm;
            this.d = d;
            minimal = (n + d) % 3 == 0;
            epsilon = norm == Norm.LINF ? 0.5f : 0.4f * (float) Math.sqrt(d);
            origin = StepCases.inputs(random, n * d);
            x = StepCases.inputs(random, n * d);
            point = StepCases.inputs(random, n * d);
            toward = uniform(random, n * d, -1, 1);
            away = uniform(random, n * d, -1, 1);
            bracket = new float[2 * n];
            size = uniform(random, n, 0.1, 2);
            logits = uniform(random, n * C, -1, 1);
            bestX = StepCases.inputs(random, n * d);
            objective = new float[n];
            labels = below(random, n, C);
            counts = new int[3 * n];
            done = ProbeCases.someDone(n);
            beaten = new int[n];
            for (int i = 0; i < n; i++) {
                bracket[2 * i] = random.nextInt(512) / 1024f;
                bracket[2 * i + 1] = bracket[2 * i] + (1 + random.nextInt(512)) / 1024f;
                counts[3 * i] = i % 7 == 2 ? QUERIES - 1 : random.nextInt(QUERIES);
                counts[3 * i + 1] = i % 3 * 5;
                counts[3 * i + 2] = i % 4 * 2;
                for (int j = i * d; j < (i + 1) * d; j++) {
                    // Distances some way apart: which is kept hangs on no rounding.
                    x[j] = origin[j] + (x[j] - origin[j]) * (i % 4 + 1) / 4;
                    toward[j] = i % 6 == 5 ? 0f : toward[j];
                    away[j] = i % 6 == 5 ? 0f : away[j];
                }
                double distance = distance(x, i);
                objective[i] = i % 3 == 0 ? Float.NEGATIVE_INFINITY : (float) (-distance * (i % 3 == 1 ? 0.7 : 1.4));
                beaten[i] = objective[i] >= -epsilon ? 3 : -1;
            }
        }

        double distance(float[] at, int i) {
            return BallReference.distance(norm, row(widen(at), d, i), row(widen(origin), d, i));
        }

        /** Runs one operation on some rows, and reads all that any may change. */
        double[] run(Bench bench, int from, int to, Run operation) {
            int rows = to - from;
            BestIterate best = new BestIterate(
                    bench.floats(cut(bestX, d, from, to)),
                    bench.floats(cut(objective, 1, from, to)),
                    bench.ints(cut(beaten, from, to)),
                    bench.intOutput(rows));
            BoundaryHop hop = new BoundaryHop(
                    rows,
                    bench.floats(cut(origin, d, from, to)),
                    bench.ints(cut(labels, from, to)),
                    bench.floats(cut(x, d, from, to)),
                    bench.floats(cut(point, d, from, to)),
                    bench.floats(cut(toward, d, from, to)),
                    bench.floats(cut(away, d, from, to)),
                    bench.floats(cut(bracket, 2, from, to)),
                    bench.floats(cut(size, 1, from, to)),
                    bench.ints(Arrays.copyOfRange(counts, 3 * from, 3 * to)),
                    bench.ints(cut(done, from, to)),
                    best,
                    new BoundaryHop.Rule(new ThreatModel(norm, epsilon), QUERIES, minimal));
            operation.on(bench.operations().probes(), hop, d, bench.floats(cut(logits, C, from, to)));
            return interleave(
                    rows,
                    Bench.read(hop.x()),
                    Bench.read(hop.point()),
                    Bench.read(hop.toward()),
                    Bench.read(hop.away()),
                    Bench.read(hop.bracket()),
                    Bench.read(hop.size()),
                    Bench.read(hop.counts()),
                    Bench.read(hop.done()),
                    Bench.read(best.x()),
                    Bench.read(best.objective()),
                    Bench.read(best.beaten()));
        }
    }

    private interface Run {
        void on(ProbeOperations operations, BoundaryHop hop, int d, Buffer logits);
    }

    /** A row's values as they should be, and what rounding may change of them. */
    private static final class Wanted {
        final double[] x;
        final double[] point;
        final double[] toward;
        final double[] away;
        final double[] bracket;
        final double[] size;
        final double[] counts;
        final double[] done;
        final double[] bestX;
        final double[] objective;
        final double[] beaten;
        final int i;

        Wanted(State s, int i) {
            this.i = i;
            x = row(widen(s.x), s.d, i);
            point = row(widen(s.point), s.d, i);
            toward = row(widen(s.toward), s.d, i);
            away = row(widen(s.away), s.d, i);
            bracket = row(widen(s.bracket), 2, i);
            size = row(widen(s.size), 1, i);
            counts = row(widen(s.counts), 3, i);
            done = row(widen(s.done), 1, i);
            bestX = row(widen(s.bestX), s.d, i);
            objective = row(widen(s.objective), 1, i);
            beaten = row(widen(s.beaten), 1, i);
        }

        double[] all() {
            return interleave(1, x, point, toward, away, bracket, size, counts, done, bestX, objective, beaten);
        }
    }

    private interface Change {
        void of(State state, Wanted wanted);
    }

    /** What is rounded is a number of at most 1, or one relative to which the tolerance is. */
    private static Stream<OperationCase> cases(Norm norm, Run run, Change change) {
        return ProbeCases.sizes((name, n, d, random) -> {
            State state = new State(norm, n, d, random);
            return new OperationCase(name, n, (bench, from, to) -> state.run(bench, from, to, run), () -> {
                double[][] values = new double[n][];
                double[][] tolerances = new double[n][];
                for (int i = 0; i < n; i++) {
                    double[] before = new Wanted(state, i).all();
                    Wanted wanted = new Wanted(state, i);
                    change.of(state, wanted);
                    values[i] = wanted.all();
                    tolerances[i] = new double[before.length];
                    for (int k = 0; k < before.length; k++) {
                        boolean changed = values[i][k] != before[k] && values[i][k] != Math.rint(values[i][k]);
                        tolerances[i][k] = changed ? 2 * ROUNDOFF * Math.max(1, Math.abs(values[i][k])) : 0;
                    }
                }
                return new Expected(
                        Arrays.stream(values).flatMapToDouble(Arrays::stream).toArray(),
                        Arrays.stream(tolerances)
                                .flatMapToDouble(Arrays::stream)
                                .toArray());
            });
        });
    }

    static Stream<OperationCase> turn(Norm norm, Phase phase) {
        return cases(norm, (operations, hop, d, logits) -> operations.hopTurn(hop, d, phase, ITERATION), (s, w) -> {
            if (phase == Phase.BISECT) {
                boolean found = w.objective[0] < 0 && w.objective[0] > Double.NEGATIVE_INFINITY;
                boolean over = w.counts[0] >= QUERIES || (w.beaten[0] >= 0 && !s.minimal);
                w.done[0] = found && !over ? -1 : 0;
            }
            if (w.done[0] >= 0) {
                return;
            }
            double distance = s.distance(s.point, w.i);
            double[] origin = row(widen(s.origin), s.d, w.i);
            switch (phase) {
                case BISECT -> {
                    w.bracket[0] = 0;
                    w.bracket[1] = 1;
                    w.size[0] = distance / s.d;
                }
                case PROBE -> {
                    put(HopReference.between(norm, origin, w.point, w.bracket[1]), w.point);
                    Arrays.fill(w.toward, 0);
                    Arrays.fill(w.away, 0);
                    w.counts[1] = 0;
                    w.counts[2] = 0;
                }
                default -> {
                    put(HopReference.aim(norm, w.toward, (int) w.counts[1], w.away, (int) w.counts[2]), w.toward);
                    w.size[0] = distance / Math.sqrt(ITERATION);
                }
            }
        });
    }

    static Stream<OperationCase> propose(Norm norm, Phase phase) {
        return cases(norm, (operations, hop, d, logits) -> operations.hopPropose(hop, d, phase), (s, w) -> {
            if (w.done[0] >= 0) {
                return;
            }
            if (phase == Phase.BISECT) {
                double middle = (w.bracket[0] + w.bracket[1]) / 2;
                put(HopReference.between(norm, row(widen(s.origin), s.d, w.i), w.point, middle), w.x);
            } else {
                Arrays.setAll(w.x, j -> Math.clamp(w.point[j] + w.size[0] * w.toward[j], 0.0, 1.0));
            }
        });
    }

    static Stream<OperationCase> judge(Norm norm, Phase phase) {
        return cases(norm, (operations, hop, d, logits) -> operations.hopJudge(hop, d, C, logits, phase), (s, w) -> {
            if (w.done[0] >= 0) {
                return;
            }
            boolean missed = LossReference.argMax(row(widen(s.logits), C, w.i)) != s.labels[w.i];
            w.counts[0]++;
            double distance = s.distance(s.x, w.i);
            boolean inside = distance <= s.epsilon;
            if (phase == Phase.PROBE) {
                w.counts[missed ? 1 : 2]++;
                double[] sum = missed ? w.toward : w.away;
                Arrays.setAll(sum, j -> sum[j] + (w.x[j] - w.point[j]));
            } else if (missed && (-distance > w.objective[0] || (inside && w.beaten[0] < 0))) {
                put(w.x, w.bestX);
                w.objective[0] = -distance;
                w.beaten[0] = inside ? w.counts[0] - 1 : -1;
            }
            if (phase == Phase.BISECT) {
                w.bracket[missed ? 1 : 0] = (w.bracket[0] + w.bracket[1]) / 2;
            } else if (missed && phase != Phase.PROBE) {
                put(w.x, w.point);
                w.done[0] = 0;
            } else if (phase == Phase.STEP) {
                w.size[0] /= 2;
            }
            if (w.counts[0] >= QUERIES || (w.beaten[0] >= 0 && !s.minimal)) {
                w.done[0] = 0;
            }
        });
    }

    private static void put(double[] from, double[] to) {
        System.arraycopy(from, 0, to, 0, to.length);
    }
}
