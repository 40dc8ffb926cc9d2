package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.interleave;
import static org.saddlepoint.device.OperationCase.row;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.below;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.BallReference;
import org.saddlepoint.reference.PenaltyReference;
import org.saddlepoint.threat.Norm;

/** Carlini and Wagner's steps and their search for c. */
final class PenaltyCases {
    private static final int STATE = PenaltyDescent.STATE;
    private static final int STEP = 6;
    private static final float UNBOUNDED = 1e10f;
    /** Of a step: some ten roundings of values below 4, exp's own among them. */
    private static final double ROUNDINGS = 40 * ROUNDOFF;

    private PenaltyCases() {}

    static Stream<OperationCase> beginRun(boolean begins) {
        return StepCases.sizes((name, n, d, epsilon, random) -> {
            float[] origin = StepCases.inputs(random, n * d);
            int[] beaten = IntStream.range(0, n).map(i -> i % 5 == 4 ? 2 : -1).toArray();
            float[] state = uniform(random, n * STATE, 0.1, 1);
            for (int i = 0; i < n; i++) {
                state[i * STATE] = i % 7 == 6 ? 3e9f : state[i * STATE];
                state[i * STATE + 2] = i % 3 == 0 ? UNBOUNDED : 4f;
                state[i * STATE + 3] = i % 2;
            }
            boolean minimal = d % 2 == 0;
            float initial = 0.001f;
            PenaltyDescent.Rule rule = new PenaltyDescent.Rule(epsilon, initial, 0f, 0.01f, false, minimal);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        int rows = to - from;
                        Buffer x = bench.floats(new float[rows * d]);
                        Buffer w = bench.floats(new float[rows * d]);
                        Buffer first = bench.floats(new float[rows * d]);
                        Buffer second = bench.floats(new float[rows * d]);
                        Buffer at = bench.floats(cut(state, STATE, from, to));
                        Buffer done = bench.intOutput(rows);
                        BestIterate best = new BestIterate(x, x, bench.ints(cut(beaten, from, to)), done);
                        PenaltyDescent descent = new PenaltyDescent(
                                rows,
                                d,
                                bench.floats(cut(origin, d, from, to)),
                                x,
                                w,
                                first,
                                second,
                                at,
                                done,
                                rule,
                                best);
                        bench.operations().momenta().beginRun(descent, begins);
                        return interleave(
                                rows,
                                Bench.read(x),
                                Bench.read(w),
                                Bench.read(first),
                                Bench.read(second),
                                Bench.read(at),
                                Bench.read(done));
                    },
                    () -> {
                        double[] x = new double[n * d];
                        double[] w = new double[n * d];
                        double[] tolerance = new double[n * d];
                        double[] states = widen(state);
                        double[] done = new double[n];
                        for (int i = 0; i < n; i++) {
                            done[i] = minimal ? -1 : beaten[i];
                            if (done[i] >= 0) {
                                continue;
                            }
                            for (int j = i * d; j < (i + 1) * d; j++) {
                                x[j] = origin[j];
                                w[j] = PenaltyReference.inverse(origin[j]);
                                tolerance[j] = 8 * ROUNDOFF; // of values up to 7.3
                            }
                            int at = i * STATE;
                            boolean found = state[at + 3] != 0;
                            float lower = begins ? 0f : found ? state[at + 1] : state[at];
                            float upper = begins ? UNBOUNDED : found ? state[at] : state[at + 2];
                            float middle =
                                    upper < UNBOUNDED ? 0.5f * (lower + upper) : Math.min(10f * state[at], UNBOUNDED);
                            states[at] = begins ? initial : middle;
                            states[at + 1] = lower;
                            states[at + 2] = upper;
                            states[at + 3] = 0;
                            states[at + 4] = Double.POSITIVE_INFINITY;
                        }
                        double[] none = new double[n * d];
                        return new Expected(
                                interleave(n, x, w, none, none, states, done),
                                interleave(n, none, tolerance, none, none, new double[n * STATE], new double[n]));
                    });
        });
    }

    /** Distances and sums that are far from what they are compared with: no decision hangs on rounding. */
    static Stream<OperationCase> step(boolean targeted) {
        return StepCases.sizes((name, n, d, epsilon, random) -> {
            float[] origin = StepCases.inputs(random, n * d);
            float[] x = StepCases.inputs(random, n * d);
            float[] w = uniform(random, n * d, -4, 4);
            float[] first = uniform(random, n * d, -1, 1);
            float[] second = uniform(random, n * d, 0.01, 1);
            float[] gradient = uniform(random, n * d, -1, 1);
            float[] margin = uniform(random, n, -1, 1);
            float[] state = new float[n * STATE];
            float[] bestX = StepCases.inputs(random, n * d);
            float[] objective = new float[n];
            int[] zeros = below(random, n, 5);
            int[] done = IntStream.range(0, n).map(i -> i % 9 == 8 ? 2 : -1).toArray();
            float c = 0.5f;
            float confidence = n % 2 == 0 ? 0f : 0.25f;
            float radius = 0.4f * (float) Math.sqrt(d);
            boolean minimal = (n + d) % 3 == 0;
            boolean check = d % 2 == 1;
            double[] distance = new double[n];
            double[] f = new double[n];
            for (int i = 0; i < n; i++) {
                margin[i] = i % 7 == 3 ? 0f : i % 7 == 5 ? Float.NaN : margin[i];
                f[i] = targeted ? margin[i] : -margin[i];
                distance[i] = BallReference.distance(Norm.L2, row(widen(x), d, i), row(widen(origin), d, i));
                double total = distance[i] * distance[i] + c * Math.max(0, f[i] + confidence);
                state[i * STATE] = c;
                state[i * STATE + 2] = UNBOUNDED;
                state[i * STATE + 4] =
                        i % 3 == 0 ? Float.POSITIVE_INFINITY : (float) (total * (i % 3 == 1 ? 0.9 : 1.2));
                objective[i] = i % 4 == 0 ? Float.NEGATIVE_INFINITY : (float) (-distance[i] * (i % 4 == 1 ? 0.7 : 1.4));
                if (i % 6 == 1) {
                    Arrays.fill(gradient, i * d, (i + 1) * d, i % 2 == 0 ? 0f : -0f);
                } else if (i % 11 == 5) {
                    gradient[i * d + d / 2] = Float.NaN;
                }
            }
            int[] beaten = IntStream.range(0, n)
                    .map(i -> objective[i] >= -radius && distance[i] <= radius && minimal ? 1 : -1)
                    .toArray();
            int iteration = 3;
            PenaltyDescent.Rule rule = new PenaltyDescent.Rule(radius, 0.001f, confidence, 0.01f, targeted, minimal);
            return new OperationCase(
                    name + (minimal ? ", minimal" : "") + (check ? ", check" : ""),
                    n,
                    (bench, from, to) -> {
                        int rows = to - from;
                        BestIterate best = new BestIterate(
                                bench.floats(cut(bestX, d, from, to)),
                                bench.floats(cut(objective, 1, from, to)),
                                bench.ints(cut(beaten, from, to)),
                                bench.ints(cut(zeros, from, to)));
                        PenaltyDescent descent = new PenaltyDescent(
                                rows,
                                d,
                                bench.floats(cut(origin, d, from, to)),
                                bench.floats(cut(x, d, from, to)),
                                bench.floats(cut(w, d, from, to)),
                                bench.floats(cut(first, d, from, to)),
                                bench.floats(cut(second, d, from, to)),
                                bench.floats(cut(state, STATE, from, to)),
                                bench.ints(cut(done, from, to)),
                                rule,
                                best);
                        bench.operations()
                                .momenta()
                                .step(
                                        descent,
                                        bench.floats(cut(margin, 1, from, to)),
                                        bench.floats(cut(gradient, d, from, to)),
                                        iteration,
                                        STEP,
                                        check);
                        return interleave(
                                rows,
                                Bench.read(descent.x()),
                                Bench.read(descent.w()),
                                Bench.read(descent.first()),
                                Bench.read(descent.second()),
                                Bench.read(best.x()),
                                Bench.read(descent.state()),
                                Bench.read(best.objective()),
                                Bench.read(best.beaten()),
                                Bench.read(best.zeroGradients()),
                                Bench.read(descent.done()));
                    },
                    () -> {
                        double[] toX = widen(x);
                        double[] toW = widen(w);
                        double[] toFirst = widen(first);
                        double[] toSecond = widen(second);
                        double[] kept = widen(bestX);
                        double[] states = widen(state);
                        double[] values = widen(objective);
                        double[] steps = widen(beaten);
                        double[] counts = widen(zeros);
                        double[] over = widen(done);
                        double[] moves = new double[n * d];
                        double[] stateTolerance = new double[n * STATE];
                        double[] valueTolerance = new double[n];
                        for (int i = 0; i < n; i++) {
                            if (over[i] >= 0) {
                                continue;
                            }
                            if (f[i] < 0 && f[i] <= -confidence) {
                                states[i * STATE + 3] = 1;
                                boolean inside = distance[i] <= radius;
                                if (-distance[i] > values[i] || (inside && beaten[i] < 0)) {
                                    System.arraycopy(widen(x), i * d, kept, i * d, d);
                                    values[i] = -distance[i];
                                    valueTolerance[i] = 2 * ROUNDOFF * distance[i];
                                    steps[i] = inside ? STEP : -1;
                                }
                                if (!minimal && steps[i] >= 0) {
                                    over[i] = STEP;
                                    continue;
                                }
                            }
                            double[] g = row(widen(gradient), d, i);
                            boolean active = f[i] > -confidence;
                            counts[i] += active && Arrays.stream(g).allMatch(v -> v == 0) ? 1 : 0;
                            if (check) {
                                double total = distance[i] * distance[i] + (active ? c * (f[i] + confidence) : 0);
                                if (total > 0.9999 * states[i * STATE + 4]) {
                                    over[i] = STEP;
                                    continue;
                                }
                                states[i * STATE + 4] = total;
                                stateTolerance[i * STATE + 4] = 2 * ROUNDOFF * total;
                            }
                            boolean finite = Arrays.stream(g).allMatch(Double::isFinite);
                            PenaltyReference.State next = PenaltyReference.step(
                                    new PenaltyReference.State(
                                            row(toFirst, d, i), row(toSecond, d, i), row(toW, d, i), row(toX, d, i)),
                                    row(widen(origin), d, i),
                                    active && finite ? c : 0,
                                    g,
                                    rule.stepSize(iteration),
                                    rule.rootCorrection(iteration));
                            System.arraycopy(next.first(), 0, toFirst, i * d, d);
                            System.arraycopy(next.second(), 0, toSecond, i * d, d);
                            System.arraycopy(next.w(), 0, toW, i * d, d);
                            System.arraycopy(next.x(), 0, toX, i * d, d);
                            Arrays.fill(moves, i * d, (i + 1) * d, ROUNDINGS);
                        }
                        return new Expected(
                                interleave(n, toX, toW, toFirst, toSecond, kept, states, values, steps, counts, over),
                                interleave(
                                        n,
                                        moves,
                                        moves,
                                        moves,
                                        moves,
                                        new double[n * d],
                                        stateTolerance,
                                        valueTolerance,
                                        new double[n],
                                        new double[n],
                                        new double[n]));
                    });
        });
    }
}
