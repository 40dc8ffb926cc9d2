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

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.LossReference;

/** Losses with their logit gradients, and the arg max; rows of logits from flat to gaps of hundreds, with ties. */
final class LossCases {
    private static final float FACTOR = -0.75f;
    /** A row's logits lie within +- one of these. */
    private static final double[] SPREADS = {1e-3, 1, 10, 60, 200};

    private interface Build {
        OperationCase of(String name, int n, int c, float[] z, int[] labels);
    }

    private LossCases() {}

    private static Stream<OperationCase> sizes(Build build) {
        List<int[]> sizes = new ArrayList<>();
        for (int n : ROWS) {
            for (int c : new int[] {1, 2, 3, 10, 17, 100}) {
                sizes.add(new int[] {n, c});
            }
        }
        return sizes.stream().map(size -> {
            int n = size[0];
            int c = size[1];
            String name = n + " x " + c;
            Random random = random(name);
            float[] z = new float[n * c];
            for (int i = 0; i < n; i++) {
                double spread = SPREADS[i % SPREADS.length];
                System.arraycopy(uniform(random, c, -spread, spread), 0, z, i * c, c);
                if (i % 3 == 0 && c > 2) {
                    z[i * c + 1] = z[i * c + 2]; // a tie
                }
            }
            return build.of(name, n, c, z, below(random, n, c));
        });
    }

    static Stream<OperationCase> crossEntropy() {
        return losses(LossKind.CROSS_ENTROPY, false);
    }

    static Stream<OperationCase> rescaledCrossEntropy() {
        return losses(LossKind.CROSS_ENTROPY, true);
    }

    static Stream<OperationCase> meanSquaredError() {
        return losses(LossKind.MEAN_SQUARED_ERROR, false);
    }

    static Stream<OperationCase> margin() {
        return losses(LossKind.MARGIN, false);
    }

    private static Stream<OperationCase> losses(LossKind kind, boolean rescaled) {
        return sizes((name, n, c, z, labels) -> new OperationCase(
                name,
                n,
                (bench, from, to) -> {
                    Buffer loss = bench.floatOutput(to - from);
                    Buffer gradient = bench.floatOutput((to - from) * c);
                    bench.operations()
                            .loss(
                                    kind,
                                    to - from,
                                    c,
                                    bench.floats(cut(z, c, from, to)),
                                    bench.ints(cut(labels, from, to)),
                                    FACTOR,
                                    rescaled,
                                    loss,
                                    gradient);
                    return interleave(to - from, Bench.read(loss), Bench.read(gradient));
                },
                () -> expected(kind, rescaled, n, c, widen(z), labels)));
    }

    private static Expected expected(LossKind kind, boolean rescaled, int n, int c, double[] z, int[] labels) {
        double[] values = new double[n * (c + 1)];
        double[] tolerances = new double[n * (c + 1)];
        for (int i = 0; i < n; i++) {
            double[] logits = row(z, c, i);
            int at = i * (c + 1);
            double loss = LossReference.value(kind, logits, labels[i]);
            values[at] = loss;
            tolerances[at] = lossError(kind, c, loss);
            double[] gradient = rescaled
                    ? LossReference.rescaledCrossEntropyGradient(logits, labels[i])
                    : LossReference.gradient(kind, logits, labels[i]);
            double others = 0;
            for (int j = 0; j < c; j++) {
                values[at + 1 + j] = FACTOR * gradient[j];
                tolerances[at + 1 + j] = Math.abs(FACTOR) * gradientError(kind, c, logits, j, gradient[j]);
                others += j == labels[i] ? 0 : tolerances[at + 1 + j];
            }
            if (kind == LossKind.CROSS_ENTROPY) {
                // The label's part is a sum of the others: their errors, and c - 1 roundings.
                tolerances[at + 1 + labels[i]] = others + c * ROUNDOFF * Math.abs(values[at + 1 + labels[i]]);
            }
        }
        return new Expected(values, tolerances);
    }

    private static double lossError(LossKind kind, int c, double loss) {
        return switch (kind) {
            // The sum in the logarithm: c - 1 additions, exp's 4 roundings, and a gap g rounded before exp, which moves
            // g exp(-g) <= 1/e; all relative to a sum of at least 1. Then the sum with the gap, rounded twice.
            case CROSS_ENTROPY -> (c + 5) * ROUNDOFF + 3 * ROUNDOFF * Math.abs(loss);
            case MEAN_SQUARED_ERROR ->
                (c + 5) * ROUNDOFF * loss; // positive terms, five roundings each, c - 1 additions
            case MARGIN -> ROUNDOFF * Math.abs(loss);
        };
    }

    private static double gradientError(LossKind kind, int c, double[] z, int j, double gradient) {
        return switch (kind) {
            // exp of a rounded gap to 4 roundings; the sum below the fraction; flushed to zero under exp(-87).
            case CROSS_ENTROPY -> {
                double gap = z[LossReference.argMax(z)] - z[j];
                yield (gap + c + 10) * ROUNDOFF * Math.abs(gradient) + Math.exp(-87);
            }
            case MEAN_SQUARED_ERROR -> 4 * ROUNDOFF * Math.abs(gradient);
            case MARGIN -> 0;
        };
    }

    static Stream<OperationCase> argMax() {
        return sizes((name, n, c, z, labels) -> new OperationCase(
                name,
                n,
                (bench, from, to) -> {
                    Buffer out = bench.intOutput(to - from);
                    bench.operations().argMax(to - from, c, bench.floats(cut(z, c, from, to)), out);
                    return Bench.read(out);
                },
                () -> {
                    double[] classes = new double[n];
                    for (int i = 0; i < n; i++) {
                        classes[i] = LossReference.argMax(row(widen(z), c, i));
                    }
                    return Expected.exactly(classes);
                }));
    }
}
