package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.random;
import static org.saddlepoint.reference.Values.abs;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.ActivationReference;
import org.saddlepoint.reference.ConvolutionReference;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** Convolutions, in tolerances like those of {@link DenseCases}: K counts the products of one element. */
final class ImageCases {
    private static final boolean FIRST = true;
    private static final boolean LAST = false;

    /** A convolution and a batch. */
    record Size(int n, Convolution shape) {
        int taps() {
            return shape.window().height() * shape.window().width();
        }

        /** Products of one output. */
        int forwardTerms() {
            return taps() * shape.channels() / shape.groups();
        }

        /** Products of one input's gradient, at most. */
        int backwardTerms() {
            return taps() * shape.filters() / shape.groups();
        }

        /** Products of one weight's gradient, at most. */
        int weightTerms() {
            return n * shape.outputHeight() * shape.outputWidth();
        }

        /** A rotation through all activations. */
        Activation activation() {
            Activation.Kind[] kinds = Activation.Kind.values();
            return ActivationReference.example(kinds[(shape.channels() + shape.filters() + n) % kinds.length]);
        }
    }

    private ImageCases() {}

    static Stream<Size> sizes() {
        return Stream.of(
                size(1, 1, 1, 1, 1, Window.square(1, 1, 0), 1, FIRST),
                size(33, 48, 1, 1, 16, Window.square(1, 1, 0), 1, LAST),
                size(7, 70, 5, 7, 33, Window.square(1, 1, 0), 1, LAST),
                // The networks of the field.
                size(3, 1, 28, 28, 32, Window.square(5, 1, 2), 1, FIRST),
                size(2, 32, 14, 14, 64, Window.square(5, 1, 2), 1, LAST),
                size(2, 3, 32, 32, 16, Window.square(3, 1, 1), 1, FIRST),
                size(5, 1, 28, 28, 16, Window.square(4, 2, 1), 1, FIRST),
                size(4, 16, 14, 14, 32, Window.square(4, 2, 1), 1, LAST),
                size(2, 12, 32, 32, 1, Window.square(3, 1, 1), 1, LAST),
                // Widths around vectors and tiles.
                size(5, 17, 9, 8, 31, Window.square(3, 1, 1), 1, LAST),
                size(3, 33, 6, 15, 70, window(3, 3, 1, 1, 0, 1, 2, 0, 1, 1), 1, LAST),
                size(4, 15, 3, 29, 65, Window.square(3, 1, 1), 1, LAST),
                size(3, 20, 6, 9, 40, Window.square(3, 1, 1), 1, FIRST),
                size(2, 5, 4, 37, 18, Window.square(3, 1, 0), 1, FIRST),
                size(6, 1, 5, 4, 3, Window.square(3, 1, 1), 1, LAST),
                // Rectangles, strides, dilations, paddings that differ.
                size(4, 5, 11, 13, 7, window(2, 5, 3, 2, 1, 0, 2, 3, 1, 1), 1, LAST),
                size(4, 2, 11, 13, 7, window(5, 2, 2, 3, 0, 1, 2, 2, 1, 1), 1, FIRST),
                size(3, 8, 12, 10, 9, window(3, 3, 1, 1, 2, 2, 2, 2, 2, 2), 1, LAST),
                size(3, 4, 13, 9, 6, window(3, 2, 2, 1, 2, 1, 1, 2, 3, 2), 1, LAST),
                size(3, 3, 13, 14, 6, window(3, 3, 2, 3, 2, 1, 1, 2, 3, 2), 1, FIRST),
                size(2, 9, 17, 16, 17, Window.square(5, 3, 2), 1, LAST),
                size(2, 6, 3, 21, 10, window(1, 7, 1, 1, 0, 3, 0, 3, 1, 1), 1, LAST),
                // Strides past the kernel: inputs that nothing reads. Padding past the kernel: outputs of padding
                // alone.
                size(3, 3, 10, 10, 5, Window.square(1, 3, 0), 1, LAST),
                size(3, 3, 10, 10, 5, Window.square(2, 3, 0), 1, FIRST),
                size(2, 2, 3, 2, 3, Window.square(5, 1, 2), 1, LAST),
                size(2, 2, 4, 3, 3, Window.square(2, 1, 3), 1, FIRST),
                // Groups; one channel a group; more filters than channels.
                size(33, 6, 7, 7, 9, Window.square(3, 1, 1), 3, LAST),
                size(2, 34, 6, 6, 66, Window.square(3, 1, 1), 2, LAST),
                size(3, 19, 8, 8, 19, Window.square(3, 1, 1), 19, LAST),
                size(3, 7, 9, 9, 14, Window.square(3, 2, 1), 7, LAST),
                size(3, 4, 8, 8, 8, Window.square(3, 1, 1), 2, FIRST),
                // More than two chunks of 32 examples.
                size(70, 3, 4, 5, 4, Window.square(3, 1, 1), 1, LAST),
                size(67, 1, 6, 6, 2, Window.square(3, 1, 1), 1, FIRST));
    }

    private static Size size(
            int n, int channels, int height, int width, int filters, Window window, int groups, boolean first) {
        return new Size(n, new Convolution(channels, height, width, filters, window, groups, first));
    }

    private static Window window(
            int height,
            int width,
            int strideY,
            int strideX,
            int top,
            int left,
            int bottom,
            int right,
            int dilationY,
            int dilationX) {
        return new Window(height, width, strideY, strideX, top, left, bottom, right, dilationY, dilationX);
    }

    /** Prepared weights of a convolution. */
    static Buffer prepared(Bench bench, ImageOperations images, Convolution shape, float[] w) {
        Buffer prepared = bench.floatOutput(Math.toIntExact(images.preparedLength(shape)));
        images.prepare(shape, bench.floats(w), prepared);
        return prepared;
    }

    private static ImageOperations images(Bench bench, Precision precision) {
        return bench.operations().at(precision).images();
    }

    static Stream<OperationCase> forward(Precision precision) {
        return sizes().map(s -> {
            Random random = random(s.toString());
            Activation activation = s.activation();
            Convolution shape = s.shape;
            float[] x = uniform(random, s.n * shape.inputSize(), -1, 1);
            float[] w = uniform(random, shape.weightSize(), -1, 1);
            float[] b = s.n % 4 == 3 ? new float[0] : uniform(random, shape.filters(), -1, 1);
            return new OperationCase(
                    s + " " + activation.kind(),
                    s.n,
                    (bench, from, to) -> {
                        ImageOperations images = images(bench, precision);
                        Buffer y = bench.floatOutput((to - from) * shape.outputSize());
                        images.convolutionForward(
                                to - from,
                                shape,
                                bench.floats(cut(x, shape.inputSize(), from, to)),
                                bench.floats(w),
                                prepared(bench, images, shape, w),
                                b.length == 0 ? null : bench.floats(b),
                                activation,
                                y);
                        return Bench.read(y);
                    },
                    () -> {
                        double[] xs = DenseCases.rounded(precision, x);
                        double[] ws = DenseCases.rounded(precision, w);
                        double[] y = ActivationReference.values(
                                activation, ConvolutionReference.forward(s.n, shape, xs, ws, widen(b)));
                        double[] size = ConvolutionReference.forward(s.n, shape, abs(xs), abs(ws), abs(widen(b)));
                        double[] tolerance = new double[y.length];
                        for (int i = 0; i < y.length; i++) {
                            tolerance[i] = (s.forwardTerms() + 2) * DenseCases.unit(precision) * size[i]
                                    + ElementCases.activationError(activation, y[i]);
                        }
                        return new Expected(y, tolerance);
                    });
        });
    }

    static Stream<OperationCase> inputGradient(Precision precision) {
        return sizes().map(s -> {
            Random random = random(s.toString());
            Activation activation = s.activation();
            Convolution shape = s.shape;
            float[] dy = uniform(random, s.n * shape.outputSize(), -1, 1);
            float[] w = uniform(random, shape.weightSize(), -1, 1);
            float[] before = uniform(random, s.n * shape.inputSize(), -1, 1);
            boolean none = activation.kind() == Activation.Kind.IDENTITY;
            return new OperationCase(
                    s + " " + activation.kind(),
                    s.n,
                    (bench, from, to) -> {
                        Buffer output = none ? null : bench.floats(cut(before, shape.inputSize(), from, to));
                        float[] gradient = cut(dy, shape.outputSize(), from, to);
                        return Bench.read(
                                inputGradient(bench, precision, to - from, shape, gradient, w, activation, output));
                    },
                    () -> {
                        double[] dys = DenseCases.rounded(precision, dy);
                        double[] ws = DenseCases.rounded(precision, w);
                        double[] product = ConvolutionReference.inputGradient(s.n, shape, dys, ws);
                        double[] size = ConvolutionReference.inputGradient(s.n, shape, abs(dys), abs(ws));
                        double[] dx = ActivationReference.gradient(activation, widen(before), product);
                        double[] tolerance = new double[dx.length];
                        for (int i = 0; i < dx.length; i++) {
                            tolerance[i] = (s.backwardTerms() + 2) * DenseCases.unit(precision) * size[i]
                                    + ElementCases.derivativeError(activation, product[i], dx[i]);
                        }
                        return new Expected(dx, tolerance);
                    });
        });
    }

    /** The gradient with respect to n inputs, in a buffer of its own. */
    static Buffer inputGradient(
            Bench bench,
            Precision precision,
            int n,
            Convolution shape,
            float[] dy,
            float[] w,
            Activation activation,
            @Nullable Buffer before) {
        ImageOperations images = images(bench, precision);
        Buffer dx = bench.floatOutput(n * shape.inputSize());
        images.convolutionInputGradient(
                n, shape, bench.floats(dy), bench.floats(w), prepared(bench, images, shape, w), activation, before, dx);
        return dx;
    }

    static Stream<OperationCase> weightGradient(Precision precision) {
        return sizes().map(s -> {
            Random random = random(s.toString());
            Convolution shape = s.shape;
            float[] x = uniform(random, s.n * shape.inputSize(), -1, 1);
            float[] dy = uniform(random, s.n * shape.outputSize(), -1, 1);
            boolean biased = s.n % 4 != 3;
            return new OperationCase(
                    s.toString(),
                    1,
                    (bench, from, to) -> {
                        Buffer dw = bench.floatOutput(shape.weightSize());
                        Buffer db = biased ? bench.floatOutput(shape.filters()) : null;
                        images(bench, precision)
                                .convolutionWeightGradient(s.n, shape, bench.floats(x), bench.floats(dy), dw, db);
                        return db == null ? Bench.read(dw) : Bench.read(dw, db);
                    },
                    () -> {
                        double[] xs = DenseCases.rounded(precision, x);
                        double[] dys = DenseCases.rounded(precision, dy);
                        double[] values = ConvolutionReference.weightGradient(s.n, shape, xs, dys);
                        double[] tolerance = ConvolutionReference.weightGradient(s.n, shape, abs(xs), abs(dys));
                        if (biased) {
                            values = DenseCases.concat(values, ConvolutionReference.biasGradient(shape, widen(dy)));
                            tolerance = DenseCases.concat(
                                    tolerance, ConvolutionReference.biasGradient(shape, abs(widen(dy))));
                        }
                        for (int i = 0; i < tolerance.length; i++) {
                            tolerance[i] *= (s.weightTerms() + 2) * DenseCases.unit(precision);
                        }
                        return new Expected(values, tolerance);
                    });
        });
    }

    static Stream<OperationCase> linfStep(Precision precision) {
        return sizes().map(s -> {
            Random random = random(s.toString());
            Convolution shape = s.shape;
            int d = shape.inputSize();
            float[] dy = uniform(random, s.n * shape.outputSize(), -1, 1);
            float[] w = uniform(random, shape.weightSize(), -1, 1);
            float[] origin = uniform(random, s.n * d, 0, 1);
            float step = 0.01f;
            Loop.Rule rule = new Loop.Rule(new ThreatModel(Norm.LINF, 0.1f), 1, step, 1, Start.ORIGINAL, false);
            return new OperationCase(
                    s.toString(),
                    s.n,
                    (bench, from, to) -> {
                        ImageOperations images = images(bench, precision);
                        float[] from01 = cut(origin, d, from, to);
                        Buffer x = bench.floats(from01);
                        Loop loop = bench.loop(to - from, rule, from01, new int[to - from], x, null);
                        Buffer gradient = bench.floats(cut(dy, shape.outputSize(), from, to));
                        images.convolutionLinfStep(
                                shape, gradient, bench.floats(w), prepared(bench, images, shape, w), loop);
                        return Bench.read(x);
                    },
                    () -> {
                        double[] dys = DenseCases.rounded(precision, dy);
                        double[] ws = DenseCases.rounded(precision, w);
                        double[] g = ConvolutionReference.inputGradient(s.n, shape, dys, ws);
                        double[] size = ConvolutionReference.inputGradient(s.n, shape, abs(dys), abs(ws));
                        double[] x = new double[g.length];
                        double[] tolerance = new double[g.length];
                        for (int i = 0; i < x.length; i++) {
                            x[i] = Math.min(1, Math.max(0, origin[i] + step * Math.signum(g[i])));
                            // Where rounding can turn the gradient's sign, either side is right; without a product,
                            // none.
                            double error = (s.backwardTerms() + 2) * DenseCases.unit(precision) * size[i];
                            boolean clear = Math.abs(g[i]) > error || size[i] == 0;
                            tolerance[i] = clear ? Values.ROUNDOFF : 2 * step + Values.ROUNDOFF;
                        }
                        return new Expected(x, tolerance);
                    });
        });
    }

    static Stream<OperationCase> transpose() {
        int[][] sizes = {
            {1, 1, 1}, {3, 1, 70}, {2, 784, 1}, {33, 3, 5}, {5, 16, 16}, {4, 17, 33}, {3, 64, 49}, {2, 31, 100}
        };
        return Stream.of(sizes).map(size -> {
            int n = size[0];
            int rows = size[1];
            int columns = size[2];
            String name = n + " x " + rows + " x " + columns;
            float[] x = uniform(random(name), n * rows * columns, -1, 1);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer y = bench.floatOutput((to - from) * rows * columns);
                        Buffer in = bench.floats(cut(x, rows * columns, from, to));
                        bench.operations().images().transpose(to - from, rows, columns, in, y);
                        return Bench.read(y);
                    },
                    () -> {
                        double[] y = new double[x.length];
                        for (int i = 0; i < x.length; i++) {
                            int at = i % (rows * columns);
                            y[i - at + at % columns * rows + at / columns] = x[i];
                        }
                        return Expected.exactly(y);
                    });
        });
    }
}
