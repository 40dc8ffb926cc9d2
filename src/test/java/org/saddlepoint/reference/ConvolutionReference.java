package org.saddlepoint.reference;

import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.Window;

/** A convolution by its definition: one loop over every product there is. */
public final class ConvolutionReference {
    private ConvolutionReference() {}

    /** One product of an output, an input and a weight; indices into their arrays. */
    private interface Product {
        void of(int output, int input, int weight);
    }

    /** x * W + b; b may be empty. */
    public static double[] forward(int n, Convolution shape, double[] x, double[] w, double[] b) {
        double[] y = new double[n * shape.outputSize()];
        for (int i = 0; i < y.length && b.length > 0; i++) {
            y[i] = b[i % shape.filters()];
        }
        products(n, shape, (o, i, k) -> y[o] += x[i] * w[k]);
        return y;
    }

    /** The gradient with respect to x, laid out like x. */
    public static double[] inputGradient(int n, Convolution shape, double[] dy, double[] w) {
        double[] dx = new double[n * shape.inputSize()];
        products(n, shape, (o, i, k) -> dx[i] += dy[o] * w[k]);
        return dx;
    }

    /** The gradient with respect to W. */
    public static double[] weightGradient(int n, Convolution shape, double[] x, double[] dy) {
        double[] dw = new double[shape.weightSize()];
        products(n, shape, (o, i, k) -> dw[k] += dy[o] * x[i]);
        return dw;
    }

    /** The gradient with respect to b. */
    public static double[] biasGradient(Convolution shape, double[] dy) {
        double[] db = new double[shape.filters()];
        for (int i = 0; i < dy.length; i++) {
            db[i % shape.filters()] += dy[i];
        }
        return db;
    }

    private static void products(int n, Convolution shape, Product product) {
        Window window = shape.window();
        int channels = shape.channels() / shape.groups();
        int filters = shape.filters() / shape.groups();
        for (int i = 0; i < n; i++) {
            for (int oy = 0; oy < shape.outputHeight(); oy++) {
                for (int ox = 0; ox < shape.outputWidth(); ox++) {
                    for (int f = 0; f < shape.filters(); f++) {
                        int output = ((i * shape.outputHeight() + oy) * shape.outputWidth() + ox) * shape.filters() + f;
                        for (int ky = 0; ky < window.height(); ky++) {
                            for (int kx = 0; kx < window.width(); kx++) {
                                int y = oy * window.strideY() + ky * window.dilationY() - window.top();
                                int x = ox * window.strideX() + kx * window.dilationX() - window.left();
                                if (y < 0 || y >= shape.height() || x < 0 || x >= shape.width()) {
                                    continue;
                                }
                                for (int c = 0; c < channels; c++) {
                                    int channel = f / filters * channels + c;
                                    int weight = ((f * channels + c) * window.height() + ky) * window.width() + kx;
                                    product.of(output, input(shape, i, channel, y, x), weight);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private static int input(Convolution shape, int i, int c, int y, int x) {
        return shape.channelsFirst()
                ? ((i * shape.channels() + c) * shape.height() + y) * shape.width() + x
                : ((i * shape.height() + y) * shape.width() + x) * shape.channels() + c;
    }
}
