package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.ROWS;
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
import org.saddlepoint.reference.DivergenceReference;
import org.saddlepoint.reference.StartReference;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** TRADES: divergences of logits from flat to gaps of hundreds, from all but equal ones and from others; its start. */
final class DivergenceCases {
    private static final float FACTOR = -0.75f;
    private static final float BETA = 6;
    private static final float DEVIATION = 0.001f;
    private static final double[] SPREADS = {1e-3, 1, 10, 60, 200};
    private static final double[] DIFFERENCES = {0, 1e-4, 1e-2, 1, 50};

    private interface Build {
        OperationCase of(String name, int n, int c, float[] clean, float[] perturbed, int[] labels);
    }

    private DivergenceCases() {}

    private static Stream<OperationCase> sizes(Build build) {
        return IntStream.of(ROWS)
                .boxed()
                .flatMap(n -> IntStream.of(1, 2, 3, 10, 33, 100).mapToObj(c -> {
                    String name = n + " x " + c;
                    Random random = random(name);
                    float[] clean = new float[n * c];
                    float[] perturbed = new float[n * c];
                    for (int i = 0; i < n; i++) {
                        double spread = SPREADS[i % SPREADS.length];
                        double difference = DIFFERENCES[i / SPREADS.length % DIFFERENCES.length];
                        float[] noise = uniform(random, c, -difference, difference);
                        System.arraycopy(uniform(random, c, -spread, spread), 0, clean, i * c, c);
                        for (int j = 0; j < c; j++) {
                            perturbed[i * c + j] = clean[i * c + j] + noise[j];
                        }
                    }
                    return build.of(name, n, c, clean, perturbed, below(random, n, c));
                }));
    }

    /** One rounding to float32; what sums of c terms in double, up to gaps of 500, may be off by; values under float32's. */
    private static double once(int c, double value) {
        return ROUNDOFF * Math.abs(value) + c * 1e-12 + Float.MIN_NORMAL;
    }

    static Stream<OperationCase> divergence() {
        return sizes((name, n, c, clean, perturbed, labels) -> new OperationCase(
                name,
                n,
                (bench, from, to) -> {
                    Buffer loss = bench.floatOutput(to - from);
                    Buffer gradient = bench.floatOutput((to - from) * c);
                    Buffer z = bench.floats(cut(perturbed, c, from, to));
                    Buffer reference = bench.floats(cut(clean, c, from, to));
                    bench.operations().divergences().divergence(to - from, c, z, reference, FACTOR, loss, gradient);
                    return interleave(to - from, Bench.read(loss), Bench.read(gradient));
                },
                () -> {
                    double[] values = new double[n * (c + 1)];
                    double[] tolerances = new double[n * (c + 1)];
                    for (int i = 0; i < n; i++) {
                        double[] z = row(widen(perturbed), c, i);
                        double[] reference = row(widen(clean), c, i);
                        double[] gradient = DivergenceReference.gradient(z, reference);
                        int at = i * (c + 1);
                        values[at] = DivergenceReference.value(z, reference);
                        for (int j = 0; j < c; j++) {
                            values[at + 1 + j] = FACTOR * gradient[j];
                        }
                    }
                    for (int k = 0; k < values.length; k++) {
                        tolerances[k] = once(c, values[k]);
                    }
                    return new Expected(values, tolerances);
                }));
    }

    static Stream<OperationCase> trades() {
        return sizes((name, n, c, clean, perturbed, labels) -> new OperationCase(
                name,
                n,
                (bench, from, to) -> {
                    int rows = to - from;
                    Buffer loss = bench.floatOutput(rows);
                    Buffer gradient = bench.floatOutput(2 * rows * c);
                    float[] both = new float[2 * rows * c];
                    System.arraycopy(clean, from * c, both, 0, rows * c);
                    System.arraycopy(perturbed, from * c, both, rows * c, rows * c);
                    Buffer classes = bench.ints(cut(labels, from, to));
                    bench.operations()
                            .divergences()
                            .trades(rows, c, bench.floats(both), classes, BETA, FACTOR, loss, gradient);
                    double[] ofBoth = Bench.read(gradient);
                    double[] ofClean = Arrays.copyOf(ofBoth, rows * c);
                    double[] ofPerturbed = Arrays.copyOfRange(ofBoth, rows * c, 2 * rows * c);
                    return interleave(rows, Bench.read(loss), ofClean, ofPerturbed);
                },
                () -> {
                    double[] values = new double[n * (2 * c + 1)];
                    double[] tolerances = new double[n * (2 * c + 1)];
                    for (int i = 0; i < n; i++) {
                        double[] z = row(widen(clean), c, i);
                        double[] moved = row(widen(perturbed), c, i);
                        double[] ofClean = DivergenceReference.tradesGradient(z, moved, labels[i], BETA);
                        double[] ofPerturbed = DivergenceReference.gradient(moved, z);
                        int at = i * (2 * c + 1);
                        values[at] = DivergenceReference.trades(z, moved, labels[i], BETA);
                        for (int j = 0; j < c; j++) {
                            values[at + 1 + j] = FACTOR * ofClean[j];
                            values[at + 1 + c + j] = FACTOR * BETA * ofPerturbed[j];
                        }
                    }
                    for (int k = 0; k < values.length; k++) {
                        tolerances[k] = once(c, values[k]) + BETA * c * 1e-12;
                    }
                    return new Expected(values, tolerances);
                }));
    }

    static Stream<OperationCase> gaussianStart(Norm norm) {
        return StepCases.sizes((name, n, d, epsilon, random) -> {
            float[] origin = StepCases.inputs(random, n * d);
            int[] indices = below(random, n, 70_000);
            Loop.Rule rule = new Loop.Rule(new ThreatModel(norm, epsilon), 1, 0f, 1, Start.BALL_AND_BOX, false);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer x = bench.floatOutput((to - from) * d);
                        Loop loop =
                                bench.loop(to - from, rule, cut(origin, d, from, to), cut(indices, from, to), x, null);
                        bench.operations().divergences().gaussianStart(loop, d, DEVIATION);
                        return Bench.read(x);
                    },
                    () -> {
                        double[] drawn = widen(origin);
                        for (int i = 0; i < n; i++) {
                            int index = indices[i];
                            double[] normal = StartReference.gaussian(d, e -> StepCases.word(e, index));
                            for (int j = 0; j < d; j++) {
                                drawn[i * d + j] += DEVIATION * normal[j];
                            }
                        }
                        return StepCases.expected(norm, epsilon, n, d, drawn, widen(origin));
                    });
        });
    }
}
