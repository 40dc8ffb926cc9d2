package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.Loop;

/** A convolution with the activation that follows it in its epilogue. */
final class BoundConvolution extends BoundLayer {
    private final Convolution shape;
    private final ConvolutionWeights weights;

    BoundConvolution(ConvolutionWeights weights, Activation activation, Buffer output) {
        super(weights.shape().inputSize(), weights.shape().outputSize(), activation, output);
        this.shape = weights.shape();
        this.weights = weights;
    }

    @Override
    void forward(Pass pass, int n, Buffer x) {
        pass.operations()
                .images()
                .convolutionForward(
                        n,
                        shape,
                        x,
                        weights.weight(),
                        weights.prepared(pass.precision()),
                        weights.bias(),
                        activation,
                        output);
    }

    @Override
    void inputGradient(Pass pass, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx) {
        pass.operations()
                .images()
                .convolutionInputGradient(
                        n,
                        shape,
                        dy,
                        weights.weight(),
                        weights.prepared(pass.precision()),
                        activationOf(before),
                        outputOf(before),
                        dx);
    }

    @Override
    void weightGradient(Pass pass, int n, Buffer x, Buffer dy) {
        pass.operations()
                .images()
                .convolutionWeightGradient(n, shape, x, dy, weights.weightGradient(), weights.biasGradient());
    }

    @Override
    boolean hasLinfStep() {
        return true;
    }

    @Override
    void linfStep(Pass pass, Loop loop, Buffer dy) {
        pass.operations()
                .images()
                .convolutionLinfStep(shape, dy, weights.weight(), weights.prepared(pass.precision()), loop);
    }
}
