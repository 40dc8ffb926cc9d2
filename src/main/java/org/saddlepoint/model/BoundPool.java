package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Pooling;

/** Pooling of images that lie channels last. */
final class BoundPool extends BoundLayer {
    private final Pooling shape;
    /** Of max pooling: where each output came from; null for average pooling. */
    private final @Nullable Buffer chosen;

    BoundPool(Pooling shape, @Nullable Buffer chosen, Activation activation, Buffer output) {
        super(shape.inputSize(), shape.outputSize(), activation, output);
        this.shape = shape;
        this.chosen = chosen;
    }

    @Override
    void forward(Pass pass, int n, Buffer x) {
        if (chosen != null) {
            pass.operations().images().maxPool(n, shape, x, output, chosen);
        } else {
            pass.operations().images().averagePool(n, shape, x, output);
        }
        activateOutput(pass, n);
    }

    @Override
    void inputGradient(Pass pass, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx) {
        Activation through = activationOf(before);
        if (chosen != null) {
            pass.operations().images().maxPoolGradient(n, shape, dy, chosen, through, outputOf(before), dx);
        } else {
            pass.operations().images().averagePoolGradient(n, shape, dy, through, outputOf(before), dx);
        }
    }
}
