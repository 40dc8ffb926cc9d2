package org.saddlepoint.device;

import java.util.List;

/**
 * A network of dense layers alone, as a device needs it to fuse a loop over it.
 *
 * @param layers from input to logits
 * @param inputGradient batch x d float32, workspace
 * @param losses batch float32, workspace
 */
public record DenseStack(List<DenseStack.Layer> layers, Buffer inputGradient, Buffer losses) {
    /** Copies the list. */
    public DenseStack {
        layers = List.copyOf(layers);
    }

    /**
     * One dense layer.
     *
     * @param in input features
     * @param out output features
     * @param weights out x in
     * @param prepared the weights, prepared
     * @param bias out
     * @param activation of its output
     * @param output batch x out, workspace
     * @param gradient batch x out, workspace
     */
    public record Layer(
            int in,
            int out,
            Buffer weights,
            Buffer prepared,
            Buffer bias,
            Activation activation,
            Buffer output,
            Buffer gradient) {}
}
