package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.DenseStack;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Operations;

/** A dense layer with the activation that follows it in its epilogue. */
final class BoundDense extends BoundLayer {
    private final Weights.DenseWeights weights;

    BoundDense(Weights.DenseWeights weights, Activation activation, Buffer output) {
        super(weights.in(), weights.out(), activation, output);
        this.weights = weights;
    }

    @Override
    void forward(Operations operations, int n, Buffer x) {
        operations.denseForward(
                n, in, out, x, weights.weight(), weights.prepared(), weights.bias(), activation, output);
    }

    @Override
    void inputGradient(Operations operations, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx) {
        if (before == null) {
            operations.denseInputGradient(n, in, out, dy, weights.weight(), Activation.IDENTITY, null, dx);
        } else {
            operations.denseInputGradient(n, in, out, dy, weights.weight(), before.activation, before.output, dx);
        }
    }

    @Override
    void weightGradient(Operations operations, int n, Buffer x, Buffer dy) {
        operations.denseWeightGradient(n, in, out, x, dy, weights.weightGradient(), weights.biasGradient());
    }

    @Override
    boolean linfStep(Operations operations, Loop loop, Buffer dy) {
        operations.denseLinfStep(out, dy, weights.weight(), loop, in);
        return true;
    }

    DenseStack.Layer stackLayer(Buffer gradient, DenseStack.@Nullable Halves halves) {
        return new DenseStack.Layer(
                in, out, weights.weight(), weights.prepared(), weights.bias(), activation, output, gradient, halves);
    }
}
