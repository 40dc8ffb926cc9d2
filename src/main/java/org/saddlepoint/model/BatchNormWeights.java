package org.saddlepoint.model;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Operations;

/** Weights and running statistics of batch normalisation, and both as the factor and summand that evaluation needs. */
record BatchNormWeights(
        BatchNorm layer,
        Buffer weight,
        Buffer bias,
        Buffer weightGradient,
        Buffer biasGradient,
        Buffer runningMean,
        Buffer runningVariance,
        Buffer scale,
        Buffer shift)
        implements LayerWeights {
    @Override
    public void refresh(Operations operations) {
        operations
                .normalizations()
                .foldBatchNorm(
                        layer.channels(), runningMean, runningVariance, layer.epsilon(), weight, bias, scale, shift);
    }
}
