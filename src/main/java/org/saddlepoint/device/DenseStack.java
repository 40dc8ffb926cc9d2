package org.saddlepoint.device;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network of dense layers alone, as a device needs it to fuse a loop over it.
 *
 * @param layers from input to logits
 * @param inputGradient batch x d float32, workspace
 * @param origins batch x d float32, workspace
 * @param losses batch float32, workspace
 */
public record DenseStack(List<DenseStack.Layer> layers, Buffer inputGradient, Buffer origins, Buffer losses) {
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
     * @param halves what products of bfloat16 operands need; null: products are float32
     */
    public record Layer(
            int in,
            int out,
            Buffer weights,
            Buffer prepared,
            Buffer bias,
            Activation activation,
            Buffer output,
            Buffer gradient,
            @Nullable Halves halves) {}

    /**
     * A layer's bfloat16 operands.
     *
     * @param forward the weights, prepared for the forward product
     * @param backward the weights, prepared for the input gradient
     * @param input batch rows of in values rounded up to even, workspace
     * @param gradient batch rows of out values rounded up to even, workspace
     */
    public record Halves(Buffer forward, Buffer backward, Buffer input, Buffer gradient) {}
}
