package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.DenseStack;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Precision;

/** A dense layer with the activation that follows it in its epilogue. */
final class BoundDense extends BoundLayer {
    private final DenseWeights weights;

    BoundDense(DenseWeights weights, Activation activation, Buffer output) {
        super(weights.in(), weights.out(), activation, output);
        this.weights = weights;
    }

    @Override
    void forward(Pass pass, int n, Buffer x) {
        Operations operations = pass.operations();
        Buffer w = weights.weight();
        Buffer bias = weights.bias();
        if (pass.precision() == Precision.BF16) {
            Buffer rounded = halves().forward();
            operations.denseForward(n, in, out, x, w, weights.prepared(), rounded, bias, activation, output);
        } else {
            operations.denseForward(n, in, out, x, w, weights.prepared(), bias, activation, output);
        }
    }

    @Override
    void inputGradient(Pass pass, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx) {
        Operations operations = pass.operations();
        Buffer w = weights.weight();
        if (pass.precision() == Precision.BF16) {
            Buffer rounded = halves().backward();
            operations.denseInputGradient(n, in, out, dy, w, rounded, activationOf(before), outputOf(before), dx);
        } else {
            operations.denseInputGradient(n, in, out, dy, w, activationOf(before), outputOf(before), dx);
        }
    }

    DenseWeights.Halves halves() {
        return weights.halves();
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
        if (pass.precision() == Precision.BF16) {
            pass.operations().denseLinfStep(out, dy, weights.weight(), halves().backward(), loop, in);
        } else {
            pass.operations().denseLinfStep(out, dy, weights.weight(), loop, in);
        }
    }

    DenseStack.Layer stackLayer(Buffer gradient, DenseStack.@Nullable Halves halves) {
        return new DenseStack.Layer(
                in, out, weights.weight(), weights.prepared(), weights.bias(), activation, output, gradient, halves);
    }
}
