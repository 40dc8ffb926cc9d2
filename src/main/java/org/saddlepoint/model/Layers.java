package org.saddlepoint.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Activation.Kind;
import org.saddlepoint.device.Recurrence;
import org.saddlepoint.device.Window;

/** Short names for layers, to be imported statically. */
public final class Layers {
    private Layers() {}

    /**
     * A fully connected layer.
     *
     * @param in input features
     * @param out output features
     * @return the layer
     */
    public static Layer dense(int in, int out) {
        return new Layer.Dense(in, out);
    }

    /**
     * max(x, 0).
     *
     * @return the layer
     */
    public static Layer relu() {
        return new Layer.Nonlinearity(new Activation(Kind.RELU, 0f));
    }

    /**
     * x where positive, else slope * x.
     *
     * @param slope in (0,1)
     * @return the layer
     */
    public static Layer leakyRelu(float slope) {
        return new Layer.Nonlinearity(new Activation(Kind.LEAKY_RELU, slope));
    }

    /**
     * tanh(x).
     *
     * @return the layer
     */
    public static Layer tanh() {
        return new Layer.Nonlinearity(new Activation(Kind.TANH, 0f));
    }

    /**
     * 1 / (1 + exp(-x)).
     *
     * @return the layer
     */
    public static Layer sigmoid() {
        return new Layer.Nonlinearity(new Activation(Kind.SIGMOID, 0f));
    }

    /**
     * min(max(x, 0), cap); ReLU6 has the cap 6.
     *
     * @param cap above 0
     * @return the layer
     */
    public static Layer clippedRelu(float cap) {
        return new Layer.Nonlinearity(new Activation(Kind.CLIPPED_RELU, cap));
    }

    /**
     * Makes a vector of an image.
     *
     * @return the layer
     */
    public static Layer flatten() {
        return new Layer.Flatten();
    }

    /**
     * (x - mean) / std for all values alike.
     *
     * @param mean finite
     * @param std above 0
     * @return the layer
     */
    public static Layer normalize(float mean, float std) {
        return new Layer.Normalize(List.of(mean), List.of(std));
    }

    /**
     * (x - mean) / std by channel.
     *
     * @param mean one a channel
     * @param std one a channel, above 0
     * @return the layer
     */
    public static Layer normalize(float[] mean, float[] std) {
        return new Layer.Normalize(boxed(mean), boxed(std));
    }

    /**
     * A square convolution with bias.
     *
     * @param in channels of the input
     * @param out channels of the output
     * @param size of the kernel
     * @param stride between two positions
     * @param padding on each side
     * @return the layer
     */
    public static Layer conv(int in, int out, int size, int stride, int padding) {
        return new Conv2d(in, out, Window.square(size, stride, padding), 1, true);
    }

    /**
     * Max pooling of square windows side by side.
     *
     * @param size of a window, and the stride
     * @return the layer
     */
    public static Layer maxPool(int size) {
        return new Pool2d(Pool2d.Kind.MAX, Window.square(size, size, 0), false);
    }

    /**
     * Average pooling of square windows side by side.
     *
     * @param size of a window, and the stride
     * @return the layer
     */
    public static Layer averagePool(int size) {
        return new Pool2d(Pool2d.Kind.AVERAGE, Window.square(size, size, 0), true);
    }

    /**
     * The mean of each channel.
     *
     * @return the layer
     */
    public static Layer globalAveragePool() {
        return new GlobalAveragePool();
    }

    /**
     * Batch normalisation with PyTorch's defaults: epsilon 1e-5, momentum 0.1.
     *
     * @param channels at least 1
     * @return the layer
     */
    public static Layer batchNorm(int channels) {
        return new BatchNorm(channels, 1e-5f, 0.1f);
    }

    /**
     * Layer normalisation over the last dimensions, with PyTorch's epsilon of 1e-5.
     *
     * @param shape of what is normalised together
     * @return the layer
     */
    public static Layer layerNorm(int... shape) {
        return new LayerNorm(Arrays.stream(shape).boxed().toList(), 1e-5f);
    }

    /**
     * Dropout in weight updates.
     *
     * @param probability of a value to be dropped, in [0,1)
     * @return the layer
     */
    public static Layer dropout(float probability) {
        return new Dropout(probability);
    }

    /**
     * A residual connection: the input is added to what the layers make of it.
     *
     * @param body layers that keep the input's shape
     * @return the layer
     */
    public static Layer residual(Layer... body) {
        return new Branches(List.of(Arrays.asList(body), List.of()), Branches.Join.ADD);
    }

    /**
     * A recurrent layer whose output is its last state.
     *
     * @param kind of cell
     * @param in features of a step
     * @param hidden features of the state
     * @return the layer
     */
    public static Layer recurrent(Recurrence.Kind kind, int in, int hidden) {
        return new Recurrent(kind, in, hidden, false);
    }

    /**
     * Takes an example's values, in their order, as another shape.
     *
     * @param dimensions as many values as the input has
     * @return the layer
     */
    public static Layer reshape(int... dimensions) {
        return new Reshape(Shape.of(dimensions));
    }

    private static List<Float> boxed(float[] values) {
        List<Float> out = new ArrayList<>();
        for (float value : values) {
            out.add(value);
        }
        return out;
    }
}
