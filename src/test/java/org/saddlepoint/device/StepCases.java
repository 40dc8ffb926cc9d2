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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.BallReference;
import org.saddlepoint.reference.LossReference;
import org.saddlepoint.reference.PhiloxReference;
import org.saddlepoint.reference.StartReference;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** Attack steps, projections, random starts, and the choice among iterates. */
final class StepCases {
    private static final float[] EPSILONS = {0f, 0.031f, 0.3f, 2f, 10f};

    interface Build {
        OperationCase of(String name, int n, int d, float epsilon, Random random);
    }

    private StepCases() {}

    static Stream<OperationCase> sizes(Build build) {
        List<int[]> sizes = new ArrayList<>();
        for (int n : ROWS) {
            for (int d : WIDTHS) {
                sizes.add(new int[] {n, d});
            }
        }
        return sizes.stream().map(size -> {
            float epsilon = EPSILONS[(size[0] + size[1]) % EPSILONS.length];
            String name = size[0] + " x " + size[1] + ", epsilon " + epsilon;
            return build.of(name, size[0], size[1], epsilon, random(name));
        });
    }

    /** Values in the box, many of them on it. */
    static float[] inputs(Random random, int count) {
        float[] values = uniform(random, count, -0.3, 1.3);
        for (int i = 0; i < count; i++) {
            values[i] = Math.min(1f, Math.max(0f, values[i]));
        }
        return values;
    }

    static Stream<OperationCase> project(Norm norm) {
        return sizes((name, n, d, epsilon, random) -> {
            float[] origin = inputs(random, n * d);
            float[] x = uniform(random, n * d, -0.5, 1.5);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer at = bench.floats(cut(x, d, from, to));
                        bench.operations()
                                .project(norm, epsilon, to - from, d, bench.floats(cut(origin, d, from, to)), at);
                        return Bench.read(at);
                    },
                    () -> expected(norm, epsilon, n, d, widen(x), widen(origin)));
        });
    }

    static Stream<OperationCase> step(Norm norm) {
        return sizes((name, n, d, epsilon, random) -> {
            float[] origin = inputs(random, n * d);
            float[] x = inputs(random, n * d);
            float[] gradient = uniform(random, n * d, -1e-3, 1e-3);
            int[] beaten = new int[n];
            int[] zeros = below(random, n, 5);
            for (int i = 0; i < n; i++) {
                beaten[i] = i % 5 == 4 ? 2 : -1;
                if (i % 7 == 3) {
                    Arrays.fill(gradient, i * d, (i + 1) * d, i % 2 == 0 ? 0f : -0f);
                }
            }
            float stepSize = Math.min(epsilon, 0.7f) / 3;
            Loop.Rule rule = new Loop.Rule(
                    new ThreatModel(norm, epsilon), 1, stepSize, Math.max(1, d / 3), Start.ORIGINAL, false);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer at = bench.floats(cut(x, d, from, to));
                        Buffer counts = bench.ints(cut(zeros, from, to));
                        BestIterate best = new BestIterate(at, at, bench.ints(cut(beaten, from, to)), counts);
                        Loop loop =
                                bench.loop(to - from, rule, cut(origin, d, from, to), cut(zeros, from, to), at, best);
                        bench.operations().step(loop, d, bench.floats(cut(gradient, d, from, to)));
                        return interleave(to - from, Bench.read(at), Bench.read(counts));
                    },
                    () -> {
                        double[] moved = widen(x);
                        double[] counts = widen(zeros);
                        for (int i = 0; i < n; i++) {
                            double[] g = row(widen(gradient), d, i);
                            if (beaten[i] < 0) {
                                System.arraycopy(
                                        BallReference.ascend(norm, stepSize, rule.top(), row(widen(x), d, i), g),
                                        0,
                                        moved,
                                        i * d,
                                        d);
                                counts[i] += Arrays.stream(g).allMatch(v -> v == 0) ? 1 : 0;
                            }
                        }
                        Expected projected = expected(norm, epsilon, n, d, moved, widen(origin));
                        for (int i = 0; i < n; i++) {
                            if (beaten[i] >= 0) {
                                System.arraycopy(widen(x), i * d, projected.values(), i * d, d);
                                Arrays.fill(projected.tolerances(), i * d, (i + 1) * d, 0);
                            }
                        }
                        return new Expected(
                                interleave(n, projected.values(), counts),
                                interleave(n, projected.tolerances(), new double[n]));
                    });
        });
    }

    static Stream<OperationCase> randomStart(Norm norm, Start start) {
        return sizes((name, n, d, epsilon, random) -> {
            float[] origin = inputs(random, n * d);
            int[] indices = below(random, n, 70_000);
            Loop.Rule rule = new Loop.Rule(new ThreatModel(norm, epsilon), 1, 0f, 1, start, false);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer x = bench.floatOutput((to - from) * d);
                        Loop loop =
                                bench.loop(to - from, rule, cut(origin, d, from, to), cut(indices, from, to), x, null);
                        bench.operations().randomStart(loop, d);
                        return Bench.read(x);
                    },
                    () -> {
                        double[] drawn = widen(origin);
                        for (int i = 0; i < n; i++) {
                            int index = indices[i];
                            double[] delta = StartReference.draw(norm, epsilon, d, e -> word(e, index));
                            for (int j = 0; j < d; j++) {
                                drawn[i * d + j] += delta[j];
                            }
                        }
                        if (start == Start.BALL_AND_BOX) {
                            return expected(norm, epsilon, n, d, drawn, widen(origin));
                        }
                        // The draw is rounded to float32 before it is scaled (up to epsilon), then the value.
                        double[] tolerances = new double[n * d];
                        Arrays.fill(tolerances, (epsilon + 4) * 0x1p-23);
                        return new Expected(drawn, tolerances);
                    });
        });
    }

    static Stream<OperationCase> randomWords() {
        return sizes((name, n, d, epsilon, random) -> {
            int[] indices = below(random, n, 70_000);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer words = bench.intOutput((to - from) * d);
                        Buffer index = bench.ints(cut(indices, from, to));
                        bench.operations().randomWords(to - from, d, index, Bench.RANDOM, Bench.RESTART, words);
                        return Bench.read(words);
                    },
                    () -> {
                        double[] words = new double[n * d];
                        for (int i = 0; i < words.length; i++) {
                            words[i] = word(i % d, indices[i / d]);
                        }
                        return Expected.exactly(words);
                    });
        });
    }

    static int word(int element, int index) {
        return PhiloxReference.word(Bench.RANDOM.seed(), element, index, Bench.RESTART, Bench.RANDOM.word());
    }

    /**
     * The projection of every row. L-inf: a value is rounded once, and its bound by an ulp inwards. L2 and L1: values in
     * the box are rounded by half an ulp of 1 at most, before the projection and in it; together that moves the distance
     * by r = ROUNDOFF * (sqrt(d) or d) at most, and a row found outside is shrunk until it is inside, which at worst takes
     * 4 r / epsilon of each delta, and 2^-21 of it where the first ulps suffice. Draws carry 8 roundings of their delta.
     */
    static Expected expected(Norm norm, double epsilon, int n, int d, double[] x, double[] origin) {
        double[] values = new double[x.length];
        double[] tolerances = new double[x.length];
        double share = norm == Norm.L1 ? d : Math.sqrt(d);
        for (int i = 0; i < n; i++) {
            double[] from = row(origin, d, i);
            double[] to = BallReference.project(norm, epsilon, row(x, d, i), from);
            System.arraycopy(to, 0, values, i * d, d);
            for (int j = 0; j < d; j++) {
                double delta = Math.abs(to[j] - from[j]);
                double shrunk = norm == Norm.LINF || delta == 0 ? 0 : 0x1p-21 + 4 * share * ROUNDOFF / epsilon;
                tolerances[i * d + j] = 2 * ROUNDOFF + delta * (shrunk + 8 * ROUNDOFF);
            }
        }
        return new Expected(values, tolerances);
    }

    static Stream<OperationCase> keepIterate(boolean targeted) {
        return sizes((name, n, d, epsilon, random) -> {
            int c = 4;
            float[] x = inputs(random, n * d);
            float[] logits = uniform(random, n * c, -1, 1);
            int[] labels = below(random, n, c);
            float[] loss = uniform(random, n, -1, 1);
            float[] bestX = inputs(random, n * d);
            float[] objective = uniform(random, n, -1, 1);
            int[] beaten = new int[n];
            for (int i = 0; i < n; i++) {
                beaten[i] = i % 4 == 2 ? 1 : -1;
                if (i % 6 == 0) {
                    objective[i] = Float.NEGATIVE_INFINITY;
                }
            }
            Loop.Rule rule = new Loop.Rule(new ThreatModel(Norm.LINF, epsilon), 9, 0.1f, 1, Start.ORIGINAL, targeted);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        BestIterate best = new BestIterate(
                                bench.floats(cut(bestX, d, from, to)),
                                bench.floats(cut(objective, 1, from, to)),
                                bench.ints(cut(beaten, from, to)),
                                bench.intOutput(to - from));
                        Buffer at = bench.floats(cut(x, d, from, to));
                        Buffer classes = bench.ints(cut(labels, from, to));
                        Loop loop = new Loop(
                                to - from, at, classes, classes, at, rule, Bench.RANDOM, Bench.RESTART, best, true);
                        Buffer z = bench.floats(cut(logits, c, from, to));
                        bench.operations().keepIterate(loop, d, c, z, bench.floats(cut(loss, 1, from, to)), 6);
                        return interleave(
                                to - from,
                                Bench.read(best.x()),
                                Bench.read(best.objective()),
                                Bench.read(best.beaten()));
                    },
                    () -> {
                        double[] kept = widen(bestX);
                        double[] value = widen(objective);
                        double[] steps = widen(beaten);
                        for (int i = 0; i < n; i++) {
                            boolean hit = (LossReference.argMax(row(widen(logits), c, i)) == labels[i]) == targeted;
                            double now = targeted ? -loss[i] : loss[i];
                            if (beaten[i] < 0 && (hit || now > value[i])) {
                                System.arraycopy(widen(x), i * d, kept, i * d, d);
                                value[i] = now;
                                steps[i] = hit ? 6 : -1;
                            }
                        }
                        return Expected.exactly(interleave(n, kept, value, steps));
                    });
        });
    }
}
