package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.NormalizationOperations;

/**
 * Batch normalisation of values that lie channels last. In a weight update with the batch's statistics, elsewhere with the
 * running ones.
 */
final class BoundBatchNorm extends BoundLayer {
    private final Channels channels;
    private final BatchNorm layer;
    private final BatchNormWeights weights;
    private final Statistics batch;
    /** The gradient with respect to the input, which comes with those of the weights. */
    private final Buffer gradient;

    private @Nullable Buffer input;

    /** What a batch gives: each a value for every channel. */
    record Statistics(Buffer mean, Buffer variance, Buffer scale, Buffer shift) {}

    BoundBatchNorm(
            Channels channels,
            BatchNorm layer,
            BatchNormWeights weights,
            Statistics batch,
            Buffer gradient,
            Activation activation,
            Buffer output) {
        super(channels.size(), channels.size(), activation, output);
        this.channels = channels;
        this.layer = layer;
        this.weights = weights;
        this.batch = batch;
        this.gradient = gradient;
    }

    @Override
    void forward(Pass pass, int n, Buffer x) {
        input = x;
        if (pass.update() == null) {
            channels.scaleShift(pass.operations(), n, x, weights.scale(), weights.shift(), output);
        } else {
            NormalizationOperations operations = pass.operations().normalizations();
            long rows = channels.rows(n);
            operations.channelStatistics(rows, layer.channels(), x, batch.mean, batch.variance);
            operations.updateRunningStatistics(
                    rows,
                    layer.channels(),
                    layer.momentum(),
                    batch.mean,
                    batch.variance,
                    weights.runningMean(),
                    weights.runningVariance());
            operations.foldBatchNorm(
                    layer.channels(),
                    batch.mean,
                    batch.variance,
                    layer.epsilon(),
                    weights.weight(),
                    weights.bias(),
                    batch.scale,
                    batch.shift);
            channels.scaleShift(pass.operations(), n, x, batch.scale, batch.shift, output);
        }
        activateOutput(pass, n);
    }

    @Override
    void backward(Pass pass, int n, Buffer dy) {
        if (pass.update() != null) {
            gradients(pass, n, dy, batch.mean, batch.variance);
        }
    }

    private void gradients(Pass pass, int n, Buffer dy, Buffer mean, Buffer variance) {
        Buffer x = input;
        if (x == null) {
            throw new IllegalStateException("a backward pass without a forward pass");
        }
        pass.operations()
                .normalizations()
                .batchNormGradient(
                        channels.rows(n),
                        layer.channels(),
                        x,
                        dy,
                        mean,
                        variance,
                        layer.epsilon(),
                        weights.weight(),
                        weights.weightGradient(),
                        weights.biasGradient(),
                        gradient);
    }

    @Override
    void inputGradient(Pass pass, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx) {
        if (pass.update() == null) {
            channels.scaleShift(pass.operations(), n, dy, weights.scale(), null, dx);
        } else {
            pass.operations().copy((long) n * in, gradient, dx);
        }
        throughActivation(pass, n, before, dx);
    }

    @Override
    void weightGradient(Pass pass, int n, Buffer x, Buffer dy) {
        if (pass.update() == null) {
            // Of the weights it is the same sums, over the running statistics; the input's gradient is not used.
            gradients(pass, n, dy, weights.runningMean(), weights.runningVariance());
        }
    }
}
