package org.saddlepoint.model;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;

/**
 * Layers one after another.
 *
 * @param layers may be none: the input is then the output
 * @param gradients gradients.get(i): n x out of layer i, with respect to its output before the activation
 */
record BoundSequence(List<BoundLayer> layers, List<Buffer> gradients) {
    BoundSequence {
        layers = List.copyOf(layers);
        gradients = List.copyOf(gradients);
    }

    /** The output of the layers for x. */
    Buffer forward(Pass pass, int n, Buffer x) {
        Buffer input = x;
        for (BoundLayer layer : layers) {
            layer.forward(pass, n, input);
            input = layer.output;
        }
        return input;
    }

    /** From the last layer's gradient to that of layer {@code first}. */
    void backward(Pass pass, int n, int first) {
        for (int i = layers.size() - 1; i >= first; i--) {
            BoundLayer layer = layers.get(i);
            layer.backward(pass, n, gradients.get(i));
            if (i > first) {
                layer.inputGradient(pass, n, gradients.get(i), layers.get(i - 1), gradients.get(i - 1));
            }
        }
    }

    /** After {@link #backward} to layer 0: the gradient with respect to the input, and through the layer before. */
    void inputGradient(Pass pass, int n, @Nullable BoundLayer before, Buffer dx) {
        layers.getFirst().inputGradient(pass, n, gradients.getFirst(), before, dx);
    }

    /** After {@link #backward} to layer 0. */
    void weightGradient(Pass pass, int n, Buffer x) {
        for (int i = layers.size() - 1; i >= 0; i--) {
            layers.get(i).weightGradient(pass, n, i == 0 ? x : layers.get(i - 1).output, gradients.get(i));
        }
    }
}
