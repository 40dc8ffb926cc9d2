package org.saddlepoint.model;

import java.util.ArrayList;
import java.util.List;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Activation.Kind;

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

    private static List<Float> boxed(float[] values) {
        List<Float> out = new ArrayList<>();
        for (float value : values) {
            out.add(value);
        }
        return out;
    }
}
