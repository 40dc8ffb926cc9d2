package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.DenseStack;
import org.saddlepoint.device.Loop;

/** A dense layer with the activation that follows it in its epilogue. */
final class BoundDense extends BoundLayer {
    private final DenseWeights weights;

    BoundDense(DenseWeights weights, Activation activation, Buffer output) {
        super(weights.in(), weights.out(), activation, output);
        this.weights = weights;
    }

    @Override
    void forward(Pass pass, int n, Buffer x) {
        pass.operations()
                .denseForward(n, in, out, x, weights.weight(), weights.prepared(), weights.bias(), activation, output);
    }

    @Override
    void inputGradient(Pass pass, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx) {
        pass.operations()
                .denseInputGradient(n, in, out, dy, weights.weight(), activationOf(before), outputOf(before), dx);
    }

    @Override
    void weightGradient(Pass pass, int n, Buffer x, Buffer dy) {
        pass.operations().denseWeightGradient(n, in, out, x, dy, weights.weightGradient(), weights.biasGradient());
    }

    @Override
    boolean hasLinfStep() {
        return true;
    }

    @Override
    void linfStep(Pass pass, Loop loop, Buffer dy) {
        pass.operations().denseLinfStep(out, dy, weights.weight(), loop, in);
    }

    DenseStack.Layer stackLayer(Buffer gradient, DenseStack.@Nullable Halves halves) {
        return new DenseStack.Layer(
                in, out, weights.weight(), weights.prepared(), weights.bias(), activation, output, gradient, halves);
    }
}
