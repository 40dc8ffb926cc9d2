package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.ImageOperations;
import org.saddlepoint.device.Window;

/**
 * A product of a convolution whose output is as large as its input. Shapes are examples x channels x rows and columns x
 * filters x kernel: the two layers of Madry's network for MNIST, a layer of a residual network, and one that fills no tile.
 * With fewer than 4 channels it is a first layer: its input lies channels first, as data sets do.
 */
public abstract class ConvolutionBenchmark extends OperationBenchmark {
    static final Activation RELU = new Activation(Activation.Kind.RELU, 0f);

    /** Examples x channels x rows and columns x filters x kernel. */
    @Param({"50x1x28x32x5", "50x32x14x64x5", "64x64x16x64x3", "31x3x31x17x3"})
    public String shape;

    /** Whose product: by name last, so that JMH runs the two of a shape one after the other. */
    @Param({"onednn", "saddlepoint"})
    public String with;

    int n;
    Convolution layer;
    ImageOperations images;
    float[] x;
    float[] dy;
    float[] weights;
    float[] bias;
    Buffer xBuffer;
    Buffer dyBuffer;
    Buffer weightBuffer;
    Buffer biasBuffer;
    Buffer prepared;
    OneDnnConvolution baseline;

    @Override
    void prepare() {
        int[] sizes = numbers(shape);
        n = sizes[0];
        Window window = Window.square(sizes[4], 1, sizes[4] / 2);
        layer = new Convolution(sizes[1], sizes[2], sizes[2], sizes[3], window, 1, sizes[1] < 4);
        images = operations.images();
        x = uniform(n * layer.inputSize(), 0, 1);
        dy = uniform(n * layer.outputSize(), -1, 1);
        weights = uniform(layer.weightSize(), -0.1, 0.1);
        bias = uniform(layer.filters(), -0.1, 0.1);
        xBuffer = buffer(x);
        dyBuffer = buffer(dy);
        weightBuffer = buffer(weights);
        biasBuffer = buffer(bias);
        prepared = arena().floats(images.preparedLength(layer));
        images.prepare(layer, weightBuffer, prepared);
        if (with.equals("onednn")) {
            baseline = baseline();
        }
        prepareProduct();
    }

    /** The same product in oneDNN. */
    abstract OneDnnConvolution baseline();

    abstract void prepareProduct();

    void count(Work work) {
        work.flops += 2.0 * n * layer.outputSize() * layer.weightSize() / layer.filters();
        work.bytes += 4.0 * ((double) n * (layer.inputSize() + layer.outputSize()) + layer.weightSize());
    }

    /** Where products of some elements are added up, with their magnitudes. */
    static final class Sums {
        final double[] values;
        final double[] magnitudes;
        final int[] terms;

        Sums(int length) {
            values = new double[length];
            magnitudes = new double[length];
            terms = new int[length];
        }

        void add(int at, double product) {
            values[at] += product;
            magnitudes[at] += Math.abs(product);
            terms[at]++;
        }

        void require(String what, int at, float found) {
            Reference.requireNear(what, at, values[at], found, (terms[at] + 2) * 0x1p-24 * magnitudes[at]);
        }
    }

    /** One product of an output, an input and a weight; indices into their arrays. */
    interface Product {
        void of(int output, int input, int weight);
    }

    /** Every product of an example. */
    void products(int example, Product product) {
        int size = layer.height();
        int kernel = layer.window().height();
        for (int output = 0; output < layer.outputSize(); output++) {
            int f = output % layer.filters();
            int pixel = output / layer.filters();
            for (int k = 0; k < layer.weightSize() / layer.filters(); k++) {
                int c = k / (kernel * kernel);
                int row = pixel / size + k / kernel % kernel - kernel / 2;
                int column = pixel % size + k % kernel - kernel / 2;
                if (row >= 0 && row < size && column >= 0 && column < size) {
                    int input = layer.channelsFirst()
                            ? (c * size + row) * size + column
                            : (row * size + column) * layer.channels() + c;
                    product.of(
                            example * layer.outputSize() + output,
                            example * layer.inputSize() + input,
                            f * (layer.weightSize() / layer.filters()) + k);
                }
            }
        }
    }
}
