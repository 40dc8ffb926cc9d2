package org.saddlepoint.reference;

import org.saddlepoint.device.Pooling;
import org.saddlepoint.device.Window;

/** Pooling by its definition: one loop over every value of every window. */
public final class PoolingReference {
    private PoolingReference() {}

    /** The value of an input in the window of an output; indices into their arrays, and the input's place in its image. */
    private interface Value {
        void of(int output, int input, int position);
    }

    /** The position of each window's largest value: ties the first, and the first that is not a number before all. */
    public static int[] chosen(int n, Pooling shape, double[] x) {
        int[] chosen = new int[n * shape.outputSize()];
        double[] largest = new double[chosen.length];
        boolean[] any = new boolean[chosen.length];
        windows(n, shape, (output, input, position) -> {
            double value = x[input];
            boolean better = value > largest[output] || (Double.isNaN(value) && !Double.isNaN(largest[output]));
            if (!any[output] || better) {
                any[output] = true;
                largest[output] = value;
                chosen[output] = position;
            }
        });
        return chosen;
    }

    /** The values at the positions chosen. */
    public static double[] max(int n, Pooling shape, double[] x, int[] chosen) {
        double[] y = new double[n * shape.outputSize()];
        windows(n, shape, (output, input, position) -> {
            if (chosen[output] == position) {
                y[output] = x[input];
            }
        });
        return y;
    }

    /** The gradient of {@link #max} with respect to x. */
    public static double[] maxGradient(int n, Pooling shape, double[] dy, int[] chosen) {
        double[] dx = new double[n * shape.inputSize()];
        windows(n, shape, (output, input, position) -> dx[input] += chosen[output] == position ? dy[output] : 0);
        return dx;
    }

    /** The mean of each window. */
    public static double[] average(int n, Pooling shape, double[] x) {
        double[] y = new double[n * shape.outputSize()];
        int[] count = counts(n, shape);
        windows(n, shape, (output, input, position) -> y[output] += x[input] / count[output]);
        return y;
    }

    /** The gradient of {@link #average} with respect to x. */
    public static double[] averageGradient(int n, Pooling shape, double[] dy) {
        double[] dx = new double[n * shape.inputSize()];
        int[] count = counts(n, shape);
        windows(n, shape, (output, input, position) -> dx[input] += dy[output] / count[output]);
        return dx;
    }

    private static int[] counts(int n, Pooling shape) {
        int[] count = new int[n * shape.outputSize()];
        windows(n, shape, (output, input, position) -> count[output]++);
        for (int i = 0; i < count.length && shape.countPadding(); i++) {
            count[i] = shape.window().height() * shape.window().width();
        }
        return count;
    }

    private static void windows(int n, Pooling shape, Value value) {
        Window window = shape.window();
        for (int i = 0; i < n; i++) {
            for (int oy = 0; oy < shape.outputHeight(); oy++) {
                for (int ox = 0; ox < shape.outputWidth(); ox++) {
                    for (int c = 0; c < shape.channels(); c++) {
                        int output =
                                ((i * shape.outputHeight() + oy) * shape.outputWidth() + ox) * shape.channels() + c;
                        for (int ky = 0; ky < window.height(); ky++) {
                            for (int kx = 0; kx < window.width(); kx++) {
                                int y = oy * window.strideY() + ky * window.dilationY() - window.top();
                                int x = ox * window.strideX() + kx * window.dilationX() - window.left();
                                if (y >= 0 && y < shape.height() && x >= 0 && x < shape.width()) {
                                    int position = y * shape.width() + x;
                                    int pixel = i * shape.height() * shape.width() + position;
                                    value.of(output, pixel * shape.channels() + c, position);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
