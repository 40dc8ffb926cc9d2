package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.interleave;
import static org.saddlepoint.device.OperationCase.random;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.abs;
import static org.saddlepoint.reference.Values.below;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Random;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.ActivationReference;
import org.saddlepoint.reference.PoolingReference;

/** Pooling: maxima are exact; a mean of K values and a sum of K gradients are off by at most K + 1 roundings. */
final class PoolingCases {
    private record Size(int n, Pooling shape) {
        int taps() {
            return shape.window().height() * shape.window().width();
        }

        Activation activation() {
            Activation.Kind[] kinds = Activation.Kind.values();
            return ActivationReference.example(kinds[(shape.channels() + n) % kinds.length]);
        }
    }

    private PoolingCases() {}

    private static Stream<Size> sizes() {
        return Stream.of(
                size(1, 1, 1, 1, Window.square(1, 1, 0), true),
                size(3, 32, 28, 28, Window.square(2, 2, 0), true),
                size(2, 64, 14, 14, Window.square(2, 2, 0), true),
                size(33, 3, 5, 6, Window.square(2, 2, 0), true),
                size(4, 16, 9, 8, Window.square(3, 2, 1), false),
                size(5, 17, 9, 8, Window.square(3, 2, 1), true),
                size(2, 33, 7, 7, Window.square(3, 1, 1), false),
                size(2, 70, 8, 5, Window.square(3, 1, 1), true),
                size(3, 15, 10, 11, Window.square(2, 3, 0), true),
                size(3, 31, 6, 9, new Window(2, 3, 1, 2, 1, 2, 0, 1, 1, 1), false),
                size(2, 5, 11, 12, new Window(3, 2, 2, 1, 0, 1, 1, 0, 2, 3), false),
                size(7, 10, 4, 4, Window.square(4, 4, 0), true),
                size(2, 18, 16, 15, Window.square(5, 3, 2), false));
    }

    private static Size size(int n, int channels, int height, int width, Window window, boolean countPadding) {
        return new Size(n, new Pooling(channels, height, width, window, countPadding));
    }

    /** Few different values, so that ties are common; some cases hold values that are not numbers or not finite. */
    private static float[] images(Random random, Size s) {
        int[] steps = below(random, s.n * s.shape.inputSize(), 9);
        float[] x = new float[steps.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = (steps[i] - 6) / 4f;
            if (s.shape.channels() % 2 == 1 && steps[i] == 4) {
                x[i] = i % 7 == 0 ? Float.NaN : i % 7 == 1 ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
            }
        }
        return x;
    }

    static Stream<OperationCase> max() {
        return sizes().map(s -> {
            Pooling shape = s.shape;
            float[] x = images(random(s.toString()), s);
            return new OperationCase(
                    s.toString(),
                    s.n,
                    (bench, from, to) -> {
                        Buffer y = bench.floatOutput((to - from) * shape.outputSize());
                        Buffer chosen = bench.intOutput((to - from) * shape.outputSize());
                        Buffer in = bench.floats(cut(x, shape.inputSize(), from, to));
                        bench.operations().images().maxPool(to - from, shape, in, y, chosen);
                        return interleave(to - from, Bench.read(y), Bench.read(chosen));
                    },
                    () -> {
                        int[] chosen = PoolingReference.chosen(s.n, shape, widen(x));
                        double[] y = PoolingReference.max(s.n, shape, widen(x), chosen);
                        return Expected.exactly(interleave(s.n, y, widen(chosen)));
                    });
        });
    }

    static Stream<OperationCase> maxGradient() {
        return sizes().map(s -> {
            Random random = random(s.toString());
            Pooling shape = s.shape;
            Activation activation = s.activation();
            int[] chosen = PoolingReference.chosen(s.n, shape, widen(images(random, s)));
            float[] dy = uniform(random, s.n * shape.outputSize(), -1, 1);
            float[] before = uniform(random, s.n * shape.inputSize(), -1, 1);
            return new OperationCase(
                    s + " " + activation.kind(),
                    s.n,
                    (bench, from, to) -> {
                        boolean none = activation.kind() == Activation.Kind.IDENTITY;
                        int outputs = shape.outputSize();
                        Buffer dx = bench.floatOutput((to - from) * shape.inputSize());
                        bench.operations()
                                .images()
                                .maxPoolGradient(
                                        to - from,
                                        shape,
                                        bench.floats(cut(dy, outputs, from, to)),
                                        bench.ints(cut(chosen, from * outputs, to * outputs)),
                                        activation,
                                        none ? null : bench.floats(cut(before, shape.inputSize(), from, to)),
                                        dx);
                        return Bench.read(dx);
                    },
                    () -> throughActivation(
                            s,
                            activation,
                            before,
                            PoolingReference.maxGradient(s.n, shape, widen(dy), chosen),
                            PoolingReference.maxGradient(s.n, shape, abs(widen(dy)), chosen)));
        });
    }

    static Stream<OperationCase> average() {
        return sizes().map(s -> {
            Pooling shape = s.shape;
            float[] x = uniform(random(s.toString()), s.n * shape.inputSize(), -1, 1);
            return new OperationCase(
                    s.toString(),
                    s.n,
                    (bench, from, to) -> {
                        Buffer y = bench.floatOutput((to - from) * shape.outputSize());
                        Buffer in = bench.floats(cut(x, shape.inputSize(), from, to));
                        bench.operations().images().averagePool(to - from, shape, in, y);
                        return Bench.read(y);
                    },
                    () -> {
                        double[] tolerance = PoolingReference.average(s.n, shape, abs(widen(x)));
                        for (int i = 0; i < tolerance.length; i++) {
                            tolerance[i] *= (s.taps() + 1) * ROUNDOFF;
                        }
                        return new Expected(PoolingReference.average(s.n, shape, widen(x)), tolerance);
                    });
        });
    }

    static Stream<OperationCase> averageGradient() {
        return sizes().map(s -> {
            Random random = random(s.toString());
            Pooling shape = s.shape;
            Activation activation = s.activation();
            float[] dy = uniform(random, s.n * shape.outputSize(), -1, 1);
            float[] before = uniform(random, s.n * shape.inputSize(), -1, 1);
            return new OperationCase(
                    s + " " + activation.kind(),
                    s.n,
                    (bench, from, to) -> {
                        boolean none = activation.kind() == Activation.Kind.IDENTITY;
                        Buffer dx = bench.floatOutput((to - from) * shape.inputSize());
                        bench.operations()
                                .images()
                                .averagePoolGradient(
                                        to - from,
                                        shape,
                                        bench.floats(cut(dy, shape.outputSize(), from, to)),
                                        activation,
                                        none ? null : bench.floats(cut(before, shape.inputSize(), from, to)),
                                        dx);
                        return Bench.read(dx);
                    },
                    () -> throughActivation(
                            s,
                            activation,
                            before,
                            PoolingReference.averageGradient(s.n, shape, widen(dy)),
                            PoolingReference.averageGradient(s.n, shape, abs(widen(dy)))));
        });
    }

    private static Expected throughActivation(
            Size s, Activation activation, float[] before, double[] gradient, double[] size) {
        double[] dx = ActivationReference.gradient(activation, widen(before), gradient);
        double[] tolerance = new double[dx.length];
        for (int i = 0; i < dx.length; i++) {
            tolerance[i] =
                    (s.taps() + 1) * ROUNDOFF * size[i] + ElementCases.derivativeError(activation, gradient[i], dx[i]);
        }
        return new Expected(dx, tolerance);
    }
}
