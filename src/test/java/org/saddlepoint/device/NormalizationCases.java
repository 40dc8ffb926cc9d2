package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.ROWS;
import static org.saddlepoint.device.OperationCase.WIDTHS;
import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.random;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.below;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.device.RandomStream.Purpose;
import org.saddlepoint.reference.ActivationReference;
import org.saddlepoint.reference.NormalizationReference;
import org.saddlepoint.reference.PhiloxReference;
import org.saddlepoint.reference.Values;

/**
 * Normalisation and dropout. Sums are in double, whose own errors are far below those of the one rounding to float32 at their
 * end: DOUBLES of their terms covers them.
 */
final class NormalizationCases {
    private static final float EPSILON = 1e-5f;
    private static final double DOUBLES = 1e-11;

    private interface Build {
        OperationCase of(String name, int rows, int columns, Random random);
    }

    private NormalizationCases() {}

    /** Rows and columns; the last have more chunks of rows than groups, and so wide a row that there is one group. */
    private static Stream<OperationCase> sizes(Build build) {
        Stream<int[]> ragged =
                IntStream.of(ROWS).boxed().flatMap(n -> IntStream.of(WIDTHS).mapToObj(d -> new int[] {n, d}));
        return Stream.concat(ragged, Stream.of(new int[] {9000, 3}, new int[] {300, 2000}))
                .map(size -> {
                    String name = size[0] + " x " + size[1];
                    return build.of(name, size[0], size[1], random(name));
                });
    }

    /** Values about a mean that is large beside their spread, as far as the column's number says. */
    private static float[] offCenter(Random random, int rows, int columns) {
        float[] x = uniform(random, rows * columns, -1, 1);
        for (int i = 0; i < x.length; i++) {
            x[i] += 10 * (i % columns % 4);
        }
        return x;
    }

    private static double[] join(double[]... parts) {
        return Stream.of(parts).flatMapToDouble(DoubleStream::of).toArray();
    }

    private static float[] narrow(double[] values) {
        float[] out = new float[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) values[i];
        }
        return out;
    }

    /** One rounding, and what the sums in double of terms so large may be off by. */
    private static double once(double value, double terms) {
        return ROUNDOFF * Math.abs(value) + DOUBLES * terms + Float.MIN_VALUE;
    }

    static Stream<OperationCase> channelStatistics() {
        return sizes((name, rows, columns, random) -> {
            float[] x = offCenter(random, rows, columns);
            return new OperationCase(
                    name,
                    1,
                    (bench, from, to) -> {
                        Buffer mean = bench.floatOutput(columns);
                        Buffer variance = bench.floatOutput(columns);
                        bench.operations()
                                .normalizations()
                                .channelStatistics(rows, columns, bench.floats(x), mean, variance);
                        return join(Bench.read(mean), Bench.read(variance));
                    },
                    () -> {
                        double[] values = join(
                                NormalizationReference.means(rows, columns, widen(x)),
                                NormalizationReference.variances(rows, columns, widen(x)));
                        double[] tolerance = new double[values.length];
                        for (int i = 0; i < values.length; i++) {
                            tolerance[i] = once(values[i], i < columns ? 1 : 1 + 1000 * DOUBLES);
                        }
                        return new Expected(values, tolerance);
                    });
        });
    }

    static Stream<OperationCase> updateRunningStatistics() {
        return sizes((name, rows, columns, random) -> {
            float momentum = (float) random.nextDouble();
            float[] mean = uniform(random, columns, -3, 3);
            float[] variance = uniform(random, columns, 0, 3);
            float[] runningMean = uniform(random, columns, -3, 3);
            float[] runningVariance = uniform(random, columns, 0, 3);
            return new OperationCase(
                    name,
                    1,
                    (bench, from, to) -> {
                        Buffer means = bench.floats(runningMean);
                        Buffer variances = bench.floats(runningVariance);
                        bench.operations()
                                .normalizations()
                                .updateRunningStatistics(
                                        rows,
                                        columns,
                                        momentum,
                                        bench.floats(mean),
                                        bench.floats(variance),
                                        means,
                                        variances);
                        return join(Bench.read(means), Bench.read(variances));
                    },
                    () -> {
                        double[] values = new double[2 * columns];
                        double[] tolerance = new double[2 * columns];
                        for (int c = 0; c < columns; c++) {
                            values[c] = NormalizationReference.moved(runningMean[c], mean[c], momentum);
                            values[columns + c] = rows == 1
                                    ? runningVariance[c]
                                    : NormalizationReference.moved(
                                            runningVariance[c], (double) variance[c] * rows / (rows - 1), momentum);
                        }
                        for (int i = 0; i < values.length; i++) {
                            tolerance[i] = once(values[i], 3);
                        }
                        return new Expected(values, tolerance);
                    });
        });
    }

    static Stream<OperationCase> foldBatchNorm() {
        return IntStream.of(WIDTHS).mapToObj(columns -> {
            Random random = random("fold " + columns);
            float[] mean = uniform(random, columns, -30, 30);
            float[] variance = uniform(random, columns, 0, 3);
            variance[0] = 0;
            float[] weight = uniform(random, columns, -3, 3);
            float[] bias = uniform(random, columns, -3, 3);
            return new OperationCase(
                    columns + " channels",
                    1,
                    (bench, from, to) -> {
                        Buffer scale = bench.floatOutput(columns);
                        Buffer shift = bench.floatOutput(columns);
                        bench.operations()
                                .normalizations()
                                .foldBatchNorm(
                                        columns,
                                        bench.floats(mean),
                                        bench.floats(variance),
                                        EPSILON,
                                        bench.floats(weight),
                                        bench.floats(bias),
                                        scale,
                                        shift);
                        return join(Bench.read(scale), Bench.read(shift));
                    },
                    () -> {
                        double[] values = new double[2 * columns];
                        double[] tolerance = new double[2 * columns];
                        for (int c = 0; c < columns; c++) {
                            double scale = weight[c] / Math.sqrt((double) variance[c] + EPSILON);
                            values[c] = scale;
                            values[columns + c] = bias[c] - mean[c] * scale;
                            tolerance[c] = once(scale, Math.abs(scale));
                            // The scale's rounding, and its own.
                            tolerance[columns + c] = Math.abs(mean[c]) * tolerance[c] + once(values[columns + c], 100);
                        }
                        return new Expected(values, tolerance);
                    });
        });
    }

    static Stream<OperationCase> batchNormGradient() {
        return sizes((name, rows, columns, random) -> {
            float[] x = offCenter(random, rows, columns);
            float[] dy = uniform(random, rows * columns, -1, 1);
            float[] weight = uniform(random, columns, -2, 2);
            float[] mean = narrow(NormalizationReference.means(rows, columns, widen(x)));
            float[] variance = narrow(NormalizationReference.variances(rows, columns, widen(x)));
            return new OperationCase(
                    name,
                    1,
                    (bench, from, to) -> {
                        Buffer dw = bench.floatOutput(columns);
                        Buffer db = bench.floatOutput(columns);
                        Buffer dx = bench.floatOutput(rows * columns);
                        bench.operations()
                                .normalizations()
                                .batchNormGradient(
                                        rows,
                                        columns,
                                        bench.floats(x),
                                        bench.floats(dy),
                                        bench.floats(mean),
                                        bench.floats(variance),
                                        EPSILON,
                                        bench.floats(weight),
                                        dw,
                                        db,
                                        dx);
                        return join(Bench.read(dw), Bench.read(db), Bench.read(dx));
                    },
                    () -> {
                        NormalizationReference.Gradients g = NormalizationReference.batchNormGradients(
                                rows,
                                columns,
                                widen(x),
                                widen(dy),
                                widen(mean),
                                widen(variance),
                                EPSILON,
                                widen(weight));
                        double[] tolerance = new double[2 * columns + rows * columns];
                        for (int c = 0; c < columns; c++) {
                            double inverse = 1 / Math.sqrt((double) variance[c] + EPSILON);
                            tolerance[c] = once(g.weight()[c], rows * inverse);
                            tolerance[columns + c] = once(g.bias()[c], rows);
                            double scale = Math.abs(weight[c]) * inverse;
                            for (int i = c; i < rows * columns; i += columns) {
                                double terms = Math.abs(dy[i])
                                        + Math.abs(g.bias()[c]) / rows
                                        + Math.abs(x[i] - mean[c]) * inverse * Math.abs(g.weight()[c]) / rows;
                                // A factor's rounding, the difference's, and two multiply-adds.
                                tolerance[2 * columns + i] = 4 * ROUNDOFF * scale * terms;
                            }
                        }
                        return new Expected(join(g.weight(), g.bias(), g.input()), tolerance);
                    });
        });
    }

    /**
     * What a row's normalised values may be off by: the rounding of its mean, of the difference, of the reciprocal root and of
     * the product.
     */
    private static double[] normalizedError(int rows, int columns, double[] x) {
        double[] error = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
            double[] row = OperationCase.row(x, columns, i);
            double mean = NormalizationReference.means(columns, 1, row)[0];
            double inverse = NormalizationReference.inverse(columns, row, EPSILON);
            for (int j = 0; j < columns; j++) {
                error[i * columns + j] =
                        inverse * (ROUNDOFF * Math.abs(mean) + 3.1 * ROUNDOFF * Math.abs(row[j] - mean) + DOUBLES);
            }
        }
        return error;
    }

    static Stream<OperationCase> layerNorm() {
        return sizes((name, rows, columns, random) -> {
            Activation activation = activation(rows + columns);
            float[] x = uniform(random, rows * columns, 1, 5);
            float[] weight = uniform(random, columns, -2, 2);
            float[] bias = uniform(random, columns, -2, 2);
            return new OperationCase(
                    name + " " + activation.kind(),
                    rows,
                    (bench, from, to) -> {
                        Buffer y = bench.floatOutput((to - from) * columns);
                        bench.operations()
                                .normalizations()
                                .layerNorm(
                                        to - from,
                                        columns,
                                        bench.floats(cut(x, columns, from, to)),
                                        bench.floats(weight),
                                        bench.floats(bias),
                                        EPSILON,
                                        activation,
                                        y);
                        return Bench.read(y);
                    },
                    () -> {
                        double[] z = NormalizationReference.normalizedRows(rows, columns, widen(x), EPSILON);
                        double[] error = normalizedError(rows, columns, widen(x));
                        for (int i = 0; i < z.length; i++) {
                            int j = i % columns;
                            z[i] = z[i] * weight[j] + bias[j];
                            error[i] = Math.abs(weight[j]) * error[i] + ROUNDOFF * Math.abs(z[i]);
                        }
                        double[] y = ActivationReference.values(activation, z);
                        for (int i = 0; i < y.length; i++) {
                            error[i] = 1.001 * error[i] + ElementCases.activationError(activation, y[i]);
                        }
                        return new Expected(y, error);
                    });
        });
    }

    private static Activation activation(int n) {
        Activation.Kind[] kinds = Activation.Kind.values();
        return ActivationReference.example(kinds[n % kinds.length]);
    }

    static Stream<OperationCase> layerNormGradient() {
        return sizes((name, rows, columns, random) -> {
            Activation activation = activation(rows + columns);
            // Between the activations' kinks and bounds, so that it can be an output of each.
            float[] x = uniform(random, rows * columns, 0.1, 0.7);
            float[] dy = uniform(random, rows * columns, -1, 1);
            float[] weight = uniform(random, columns, -2, 2);
            boolean none = activation.kind() == Activation.Kind.IDENTITY;
            return new OperationCase(
                    name + " " + activation.kind(),
                    rows,
                    (bench, from, to) -> {
                        Buffer input = bench.floats(cut(x, columns, from, to));
                        Buffer dx = bench.floatOutput((to - from) * columns);
                        bench.operations()
                                .normalizations()
                                .layerNormGradient(
                                        to - from,
                                        columns,
                                        input,
                                        bench.floats(cut(dy, columns, from, to)),
                                        bench.floats(weight),
                                        EPSILON,
                                        activation,
                                        none ? null : input,
                                        dx);
                        return Bench.read(dx);
                    },
                    () -> {
                        NormalizationReference.Gradients g = NormalizationReference.layerNormGradients(
                                rows, columns, widen(x), widen(dy), EPSILON, widen(weight));
                        double[] normalized = NormalizationReference.normalizedRows(rows, columns, widen(x), EPSILON);
                        double[] normalizedError = normalizedError(rows, columns, widen(x));
                        double[] dx = ActivationReference.gradient(activation, widen(x), g.input());
                        double[] tolerance = new double[dx.length];
                        for (int i = 0; i < rows; i++) {
                            double inverse = NormalizationReference.inverse(
                                    columns, OperationCase.row(widen(x), columns, i), EPSILON);
                            double mean = 0;
                            double product = 0;
                            for (int at = i * columns; at < (i + 1) * columns; at++) {
                                double term = (double) dy[at] * weight[at % columns];
                                mean += term / columns;
                                product += term * normalized[at] / columns;
                            }
                            for (int at = i * columns; at < (i + 1) * columns; at++) {
                                double terms = Math.abs((double) dy[at] * weight[at % columns])
                                        + Math.abs(mean)
                                        + Math.abs(normalized[at] * product);
                                double sum = normalizedError[at] * Math.abs(product) + 5 * ROUNDOFF * terms + DOUBLES;
                                tolerance[at] =
                                        inverse * sum + ElementCases.derivativeError(activation, g.input()[at], dx[at]);
                            }
                        }
                        return new Expected(dx, tolerance);
                    });
        });
    }

    static Stream<OperationCase> layerNormWeightGradient() {
        return sizes((name, rows, columns, random) -> {
            float[] x = uniform(random, rows * columns, 1, 5);
            float[] dy = uniform(random, rows * columns, -1, 1);
            return new OperationCase(
                    name,
                    1,
                    (bench, from, to) -> {
                        Buffer dw = bench.floatOutput(columns);
                        Buffer db = bench.floatOutput(columns);
                        bench.operations()
                                .normalizations()
                                .layerNormWeightGradient(
                                        rows, columns, bench.floats(x), bench.floats(dy), EPSILON, dw, db);
                        return join(Bench.read(dw), Bench.read(db));
                    },
                    () -> {
                        NormalizationReference.Gradients g = NormalizationReference.layerNormGradients(
                                rows, columns, widen(x), widen(dy), EPSILON, new double[columns]);
                        double[] error = normalizedError(rows, columns, widen(x));
                        double[] tolerance = new double[2 * columns];
                        for (int c = 0; c < columns; c++) {
                            tolerance[c] = once(g.weight()[c], rows);
                            tolerance[columns + c] = once(g.bias()[c], rows);
                        }
                        for (int i = 0; i < error.length; i++) {
                            tolerance[i % columns] += Math.abs(dy[i]) * error[i];
                        }
                        return new Expected(join(g.weight(), g.bias()), tolerance);
                    });
        });
    }

    /** Exact: the words say what is dropped; with a cursor or without, and in place. */
    static Stream<OperationCase> dropout() {
        return sizes((name, rows, columns, random) -> {
            float probability = columns % 3 == 0 ? 0f : (float) random.nextDouble();
            float[] x = uniform(random, rows * columns, -3, 3);
            int[] indices = below(random, rows, 1 << 30);
            RandomStream stream = new RandomStream(random.nextLong(), Purpose.DROPOUT, 7);
            int layer = 2;
            boolean training = rows % 2 == 1;
            return new OperationCase(
                    name,
                    rows,
                    (bench, from, to) -> {
                        Buffer y = bench.floats(cut(x, columns, from, to));
                        bench.operations()
                                .normalizations()
                                .dropout(
                                        to - from,
                                        columns,
                                        y,
                                        bench.ints(cut(indices, from, to)),
                                        stream,
                                        training ? bench.cursor(9) : null,
                                        layer,
                                        probability,
                                        y);
                        return Bench.read(y);
                    },
                    () -> {
                        int word = new RandomStream(0, Purpose.DROPOUT, training ? 9 : 7).word();
                        float scale = 1 / (1 - probability);
                        float[] y = new float[x.length];
                        for (int i = 0; i < y.length; i++) {
                            int drawn =
                                    PhiloxReference.word(stream.seed(), i % columns, indices[i / columns], layer, word);
                            y[i] = (drawn >>> 8) * 0x1p-24f < probability ? 0 : x[i] * scale;
                        }
                        return Expected.exactly(Values.widen(y));
                    });
        });
    }
}
