package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;

/** Layer normalisation with the activation that follows it. */
final class BoundLayerNorm extends BoundLayer {
    private final int rows;
    private final int size;
    private final float epsilon;
    private final LayerNormWeights weights;
    private @Nullable Buffer input;

    /** Rows: how often an example has the normalised shape. */
    BoundLayerNorm(int rows, int size, float epsilon, LayerNormWeights weights, Activation activation, Buffer output) {
        super(rows * size, rows * size, activation, output);
        this.rows = rows;
        this.size = size;
        this.epsilon = epsilon;
        this.weights = weights;
    }

    @Override
    void forward(Pass pass, int n, Buffer x) {
        input = x;
        pass.operations()
                .normalizations()
                .layerNorm((long) n * rows, size, x, weights.weight(), weights.bias(), epsilon, activation, output);
    }

    @Override
    void inputGradient(Pass pass, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx) {
        Buffer x = input;
        if (x == null) {
            throw new IllegalStateException("a backward pass without a forward pass");
        }
        pass.operations()
                .normalizations()
                .layerNormGradient(
                        (long) n * rows,
                        size,
                        x,
                        dy,
                        weights.weight(),
                        epsilon,
                        activationOf(before),
                        outputOf(before),
                        dx);
    }

    @Override
    void weightGradient(Pass pass, int n, Buffer x, Buffer dy) {
        pass.operations()
                .normalizations()
                .layerNormWeightGradient(
                        (long) n * rows, size, x, dy, epsilon, weights.weightGradient(), weights.biasGradient());
    }
}
