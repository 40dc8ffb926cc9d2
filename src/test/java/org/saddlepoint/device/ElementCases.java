package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.ROWS;
import static org.saddlepoint.device.OperationCase.WIDTHS;
import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.random;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.ActivationReference;

/** Elementwise operations: activations alone, and normalisation. */
final class ElementCases {
    private static final float[] EXTREMES = {
        0f,
        -0f,
        1f,
        -1f,
        0.625f,
        -0.625f,
        1e-30f,
        -1e-30f,
        Float.MIN_VALUE,
        20f,
        -20f,
        88f,
        -88f,
        89f,
        -89f,
        200f,
        -200f,
        1e30f,
        -1e30f
    };

    /** A case a shape n x d, values in [low, high]; the first row begins with extremes. */
    private interface Build {
        OperationCase of(String name, int n, int d, float[] x, Random random);
    }

    private ElementCases() {}

    private static Stream<OperationCase> sizes(double low, double high, boolean extremes, Build build) {
        List<int[]> sizes = new ArrayList<>();
        for (int n : ROWS) {
            for (int d : WIDTHS) {
                sizes.add(new int[] {n, d});
            }
        }
        return sizes.stream().map(size -> {
            int n = size[0];
            int d = size[1];
            String name = n + " x " + d;
            Random random = random(name);
            float[] x = uniform(random, n * d, low, high);
            if (extremes) {
                System.arraycopy(EXTREMES, 0, x, 0, Math.min(x.length, EXTREMES.length));
            }
            return build.of(name, n, d, x, random);
        });
    }

    static Stream<OperationCase> activate() {
        return Stream.of(Activation.Kind.values()).flatMap(kind -> {
            Activation activation = ActivationReference.example(kind);
            return sizes(
                    -3,
                    3,
                    true,
                    (name, n, d, x, random) -> new OperationCase(
                            kind + " " + name,
                            n,
                            (bench, from, to) -> {
                                Buffer y = bench.floatOutput((to - from) * d);
                                Buffer in = bench.floats(cut(x, d, from, to));
                                bench.operations().activate((long) (to - from) * d, in, activation, y);
                                return Bench.read(y);
                            },
                            () -> {
                                double[] y = ActivationReference.values(activation, widen(x));
                                double[] tolerance = new double[y.length];
                                for (int i = 0; i < y.length; i++) {
                                    tolerance[i] = activationError(activation, y[i]);
                                }
                                return new Expected(y, tolerance);
                            }));
        });
    }

    static Stream<OperationCase> activationGradient() {
        return Stream.of(Activation.Kind.values()).flatMap(kind -> {
            Activation activation = ActivationReference.example(kind);
            return sizes(-1, 1, false, (name, n, d, y, random) -> {
                float[] dy = uniform(random, n * d, -5, 5);
                return new OperationCase(
                        kind + " " + name,
                        n,
                        (bench, from, to) -> {
                            Buffer gradient = bench.floats(cut(dy, d, from, to));
                            Buffer output = bench.floats(cut(y, d, from, to));
                            // In place, as models use it.
                            bench.operations()
                                    .activationGradient((long) (to - from) * d, output, gradient, activation, gradient);
                            return Bench.read(gradient);
                        },
                        () -> {
                            double[] dx = ActivationReference.gradient(activation, widen(y), widen(dy));
                            double[] tolerance = new double[dx.length];
                            for (int i = 0; i < dx.length; i++) {
                                tolerance[i] = derivativeError(activation, dy[i], dx[i]);
                            }
                            return new Expected(dx, tolerance);
                        });
            });
        });
    }

    static Stream<OperationCase> scaleShift() {
        return sizes(0, 1, false, (name, n, d, x, random) -> {
            int channels = n % 3 == 1 ? d : d % 2 == 0 ? 2 : 1; // d: channels last
            float[] scale = uniform(random, channels, -3, 3);
            float[] shift = uniform(random, channels, -3, 3);
            boolean shifted = n % 2 == 1;
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer y = bench.floatOutput((to - from) * d);
                        bench.operations()
                                .scaleShift(
                                        to - from,
                                        channels,
                                        d / channels,
                                        bench.floats(cut(x, d, from, to)),
                                        bench.floats(scale),
                                        shifted ? bench.floats(shift) : null,
                                        y);
                        return Bench.read(y);
                    },
                    () -> {
                        double[] y = new double[x.length];
                        double[] tolerance = new double[x.length];
                        for (int i = 0; i < x.length; i++) {
                            int channel = i % d / (d / channels);
                            double product = (double) x[i] * scale[channel];
                            double summand = shifted ? shift[channel] : 0;
                            y[i] = product + summand;
                            tolerance[i] = 2 * ROUNDOFF * (Math.abs(product) + Math.abs(summand)); // two roundings
                        }
                        return new Expected(y, tolerance);
                    });
        });
    }

    /**
     * The error of an activation's own arithmetic at output y. Leaky ReLU rounds once. Tanh and sigmoid: exp by a
     * polynomial to 2 units in the last place (4 roundings), then a sum and a quotient; where exp(-x) overflows, sigmoid is
     * 0 instead of a denormal.
     */
    static double activationError(Activation activation, double y) {
        return switch (activation.kind()) {
            case IDENTITY, RELU, CLIPPED_RELU -> 0;
            case LEAKY_RELU -> ROUNDOFF * Math.abs(y) + Float.MIN_VALUE;
            case TANH -> 8 * ROUNDOFF * Math.abs(y) + Float.MIN_VALUE;
            case SIGMOID -> 8 * ROUNDOFF * Math.abs(y) + Float.MIN_NORMAL;
        };
    }

    /** The error of dx = dy * activation'(y): three roundings at most, of terms no larger than dy for tanh. */
    static double derivativeError(Activation activation, double dy, double dx) {
        return switch (activation.kind()) {
            case IDENTITY, RELU, CLIPPED_RELU -> 0;
            case LEAKY_RELU -> ROUNDOFF * Math.abs(dx);
            case TANH -> ROUNDOFF * (Math.abs(dy) + 2 * Math.abs(dx));
            case SIGMOID -> 3 * ROUNDOFF * Math.abs(dx);
        };
    }
}
