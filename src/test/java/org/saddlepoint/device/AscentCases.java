package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.interleave;
import static org.saddlepoint.device.OperationCase.row;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.below;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.AscentReference;
import org.saddlepoint.reference.BallReference;
import org.saddlepoint.reference.StartReference;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** APGD's starts, steps and account, on rows of which some are beaten and some have no gradient. */
final class AscentCases {
    private static final float MOMENTUM = 0.75f;

    private AscentCases() {}

    private static int[] someBeaten(int n) {
        return IntStream.range(0, n).map(i -> i % 5 == 4 ? 2 : -1).toArray();
    }

    /** Everything an ascent holds about rows. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    private record Rows(
            Norm norm,
            float epsilon,
            int d,
            float[] origin,
            float[] x,
            float[] gradient,
            float[] previous,
            float[] best,
            float[] bestGradient,
            float[] state,
            int[] beaten,
            int[] zeros) {
        static Rows of(Norm norm, float epsilon, int n, int d, Random random) {
            float[] gradient = uniform(random, n * d, -1e-3, 1e-3);
            for (int i = 3; i < n; i += 7) {
                Arrays.fill(gradient, i * d, (i + 1) * d, i % 2 == 0 ? 0f : -0f);
            }
            float[] state = new float[n * Ascent.STATE];
            for (int i = 0; i < n; i++) {
                // Few values, so that losses tie and rises meet their bound.
                state[i * Ascent.STATE] = Math.min(epsilon, 0.7f) / (1 << i % 3);
                for (int k = 1; k < 4; k++) {
                    state[i * Ascent.STATE + k] = random.nextInt(3) - 1;
                }
                state[i * Ascent.STATE + 4] = random.nextInt(4);
                state[i * Ascent.STATE + 5] = random.nextInt(2);
            }
            return new Rows(
                    norm,
                    epsilon,
                    d,
                    StepCases.inputs(random, n * d),
                    StepCases.inputs(random, n * d),
                    gradient,
                    StepCases.inputs(random, n * d),
                    StepCases.inputs(random, n * d),
                    uniform(random, n * d, -1, 1),
                    state,
                    someBeaten(n),
                    below(random, n, 5));
        }

        Ascent on(Bench bench, int from, int to) {
            int values = (to - from) * d;
            @Nullable Buffer workspace = norm == Norm.L2 ? bench.floatOutput(values) : null;
            Buffer known = bench.floats(new float[values]);
            return new Ascent(
                    to - from,
                    d,
                    new ThreatModel(norm, epsilon),
                    bench.floats(cut(origin, d, from, to)),
                    bench.floats(cut(x, d, from, to)),
                    bench.floats(cut(gradient, d, from, to)),
                    bench.floats(cut(previous, d, from, to)),
                    bench.floats(cut(best, d, from, to)),
                    bench.floats(cut(bestGradient, d, from, to)),
                    workspace,
                    bench.floats(cut(state, Ascent.STATE, from, to)),
                    new BestIterate(known, known, bench.ints(cut(beaten, from, to)), bench.ints(cut(zeros, from, to))));
        }
    }

    static Stream<OperationCase> start(Norm norm) {
        return StepCases.sizes((name, n, d, epsilon, random) -> {
            Rows rows = Rows.of(norm, epsilon, n, d, random);
            int[] indices = below(random, n, 70_000);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Ascent ascent = rows.on(bench, from, to);
                        Buffer index = bench.ints(cut(indices, from, to));
                        bench.operations().ascents().start(ascent, index, Bench.RANDOM, Bench.RESTART);
                        return Bench.read(ascent.x());
                    },
                    () -> {
                        double[] drawn = widen(rows.origin());
                        for (int i = 0; i < n; i++) {
                            int index = indices[i];
                            double[] v = StartReference.onSurface(norm, epsilon, d, e -> StepCases.word(e, index));
                            for (int j = 0; j < d; j++) {
                                drawn[i * d + j] += v[j];
                            }
                        }
                        return StepCases.expected(norm, epsilon, n, d, drawn, widen(rows.origin()));
                    });
        });
    }

    static Stream<OperationCase> step(Norm norm) {
        return StepCases.sizes((name, n, d, epsilon, random) -> {
            Rows rows = Rows.of(norm, epsilon, n, d, random);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Ascent ascent = rows.on(bench, from, to);
                        bench.operations().ascents().step(ascent, MOMENTUM);
                        return interleave(
                                to - from,
                                Bench.read(ascent.x()),
                                Bench.read(ascent.previous()),
                                Bench.read(
                                        Objects.requireNonNull(ascent.known()).zeroGradients()));
                    },
                    () -> stepped(rows, n));
        });
    }

    private static Expected stepped(Rows rows, int n) {
        int d = rows.d();
        double[] x = widen(rows.x());
        double[] origin = widen(rows.origin());
        double[] values = x.clone();
        double[] previous = widen(rows.previous());
        double[] counts = widen(rows.zeros());
        double[] tolerances = new double[n * d];
        for (int i = 0; i < n; i++) {
            if (rows.beaten()[i] >= 0) {
                continue;
            }
            double size = rows.state()[i * Ascent.STATE];
            double[] g = row(widen(rows.gradient()), d, i);
            double[] at = row(x, d, i);
            double[] from = row(origin, d, i);
            double[] mixed = AscentReference.step(
                    rows.norm(), rows.epsilon(), size, MOMENTUM, at, row(widen(rows.previous()), d, i), g, from);
            Expected z = StepCases.expected(
                    rows.norm(), rows.epsilon(), 1, d, BallReference.ascend(rows.norm(), size, 1, at, g), from);
            Expected last = StepCases.expected(rows.norm(), rows.epsilon(), 1, d, mixed, from);
            // The mix: 6 roundings of values up to 3. The last projection moves no point further than it is off
            // already.
            double squares = 0;
            for (int j = 0; j < d; j++) {
                double off = z.tolerances()[j] + 18 * ROUNDOFF;
                squares += off * off;
                tolerances[i * d + j] = last.tolerances()[j] + off;
            }
            for (int j = 0; j < d && rows.norm() == Norm.L2; j++) {
                tolerances[i * d + j] = last.tolerances()[j] + Math.sqrt(squares);
            }
            System.arraycopy(last.values(), 0, values, i * d, d);
            System.arraycopy(x, i * d, previous, i * d, d);
            counts[i] += Arrays.stream(g).allMatch(v -> v == 0) ? 1 : 0;
        }
        return new Expected(
                interleave(n, values, previous, counts), interleave(n, tolerances, new double[n * d], new double[n]));
    }

    /** The account at a start, at a step, and at a checkpoint: in turn. */
    static Stream<OperationCase> account() {
        return StepCases.sizes((name, n, d, epsilon, random) -> {
            Rows rows = Rows.of(Norm.LINF, epsilon, n, d, random);
            float[] loss = new float[n];
            for (int i = 0; i < n; i++) {
                loss[i] = i % 13 == 11 ? Float.NaN : random.nextInt(5) - 2;
            }
            int kind = (n + d) % 3;
            return new OperationCase(
                    name + (kind == 0 ? ", start" : kind == 1 ? ", step" : ", checkpoint"),
                    n,
                    (bench, from, to) -> {
                        Ascent ascent = rows.on(bench, from, to);
                        Buffer losses = bench.floats(cut(loss, 1, from, to));
                        switch (kind) {
                            case 0 -> bench.operations().ascents().begin(ascent, losses, 0.5f);
                            case 1 -> bench.operations().ascents().keep(ascent, losses);
                            default -> bench.operations().ascents().check(ascent, losses, 2);
                        }
                        return interleave(
                                to - from,
                                Bench.read(ascent.state()),
                                Bench.read(ascent.x()),
                                Bench.read(ascent.gradient()),
                                Bench.read(ascent.previous()),
                                Bench.read(ascent.best()),
                                Bench.read(ascent.bestGradient()));
                    },
                    () -> accounted(rows, loss, n, kind));
        });
    }

    private static Expected accounted(Rows rows, float[] loss, int n, int kind) {
        int d = rows.d();
        double[] state = widen(rows.state());
        double[] x = widen(rows.x());
        double[] gradient = widen(rows.gradient());
        double[] previous = widen(rows.previous());
        double[] best = widen(rows.best());
        double[] bestGradient = widen(rows.bestGradient());
        for (int i = 0; i < n; i++) {
            if (rows.beaten()[i] >= 0) {
                continue;
            }
            int at = i * Ascent.STATE;
            if (kind == 0) {
                double[] begun = {0.5, loss[i], loss[i], loss[i], 0, 1};
                System.arraycopy(begun, 0, state, at, Ascent.STATE);
                System.arraycopy(x, i * d, previous, i * d, d);
            } else {
                state[at + 4] += loss[i] > state[at + 1] ? 1 : 0;
                state[at + 1] = loss[i];
            }
            if (kind == 0 || loss[i] > state[at + 2]) {
                state[at + 2] = loss[i];
                System.arraycopy(x, i * d, best, i * d, d);
                System.arraycopy(gradient, i * d, bestGradient, i * d, d);
            }
            if (kind == 2) {
                boolean halve = state[at + 4] <= 2 || (state[at + 5] == 0 && state[at + 3] >= state[at + 2]);
                state[at] *= halve ? 0.5 : 1;
                state[at + 3] = state[at + 2];
                state[at + 4] = 0;
                state[at + 5] = halve ? 1 : 0;
                if (halve) {
                    System.arraycopy(best, i * d, x, i * d, d);
                    System.arraycopy(bestGradient, i * d, gradient, i * d, d);
                }
            }
        }
        return Expected.exactly(interleave(n, state, x, gradient, previous, best, bestGradient));
    }
}
