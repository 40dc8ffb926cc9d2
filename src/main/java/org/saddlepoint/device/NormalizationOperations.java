package org.saddlepoint.device;

import org.jspecify.annotations.Nullable;

/**
 * Operations of batch normalisation (Ioffe and Szegedy 2015), layer normalisation (Ba et al. 2016) and dropout (Srivastava et
 * al. 2014). Channels lie last: what batch normalisation calls rows are the pixels of all examples.
 *
 * <p>Sums over rows are in double, in an order that follows from the number of rows and columns alone: rows in chunks of 32,
 * chunks in groups, groups one after another.
 */
public interface NormalizationOperations {
    /**
     * Mean and biased variance of each channel.
     *
     * @param rows examples x pixels, at least 1
     * @param channels of a row
     * @param x rows x channels
     * @param mean channels, overwritten
     * @param variance channels, overwritten
     */
    void channelStatistics(long rows, int channels, Buffer x, Buffer mean, Buffer variance);

    /**
     * Moves running statistics: r = (1 - momentum) r + momentum s, where s is the mean, or the unbiased variance (PyTorch's
     * convention; a single row leaves the running variance alone).
     *
     * @param rows over which the statistics were taken
     * @param channels their number
     * @param momentum in [0,1]
     * @param mean channels
     * @param variance channels, biased
     * @param runningMean channels, in place
     * @param runningVariance channels, in place
     */
    void updateRunningStatistics(
            long rows,
            int channels,
            float momentum,
            Buffer mean,
            Buffer variance,
            Buffer runningMean,
            Buffer runningVariance);

    /**
     * Batch normalisation as a factor and a summand: scale = weight / sqrt(variance + epsilon), shift = bias - mean scale.
     *
     * @param channels their number
     * @param mean channels
     * @param variance channels
     * @param epsilon above 0
     * @param weight channels
     * @param bias channels
     * @param scale channels, overwritten
     * @param shift channels, overwritten
     */
    void foldBatchNorm(
            int channels,
            Buffer mean,
            Buffer variance,
            float epsilon,
            Buffer weight,
            Buffer bias,
            Buffer scale,
            Buffer shift);

    /**
     * The gradients of batch normalisation with the batch's own statistics: dBias = sum dy, dWeight = sum dy xhat, dx =
     * weight / sqrt(variance + epsilon) (dy - dBias / rows - xhat dWeight / rows).
     *
     * @param rows examples x pixels, at least 1
     * @param channels of a row
     * @param x rows x channels
     * @param dy rows x channels
     * @param mean channels, of x
     * @param variance channels, of x
     * @param epsilon above 0
     * @param weight channels
     * @param dWeight channels, overwritten
     * @param dBias channels, overwritten
     * @param dx rows x channels, overwritten; not dy
     */
    void batchNormGradient(
            long rows,
            int channels,
            Buffer x,
            Buffer dy,
            Buffer mean,
            Buffer variance,
            float epsilon,
            Buffer weight,
            Buffer dWeight,
            Buffer dBias,
            Buffer dx);

    /**
     * y = activation(weight (x - mean) / sqrt(variance + epsilon) + bias), with the mean and biased variance of each row.
     *
     * @param rows of x
     * @param size of a row
     * @param x rows x size
     * @param weight size
     * @param bias size
     * @param epsilon above 0
     * @param activation applied in the epilogue
     * @param y rows x size
     */
    void layerNorm(
            long rows, int size, Buffer x, Buffer weight, Buffer bias, float epsilon, Activation activation, Buffer y);

    /**
     * The gradient of {@link #layerNorm} with respect to its input, and through the activation that fed it.
     *
     * @param rows of x
     * @param size of a row
     * @param x rows x size
     * @param dy rows x size, with respect to the values before the layer's own activation
     * @param weight size
     * @param epsilon above 0
     * @param activation of the layer before; {@link Activation#IDENTITY} for none
     * @param before rows x size, that activation's output (x itself); null with the identity
     * @param dx rows x size, overwritten
     */
    void layerNormGradient(
            long rows,
            int size,
            Buffer x,
            Buffer dy,
            Buffer weight,
            float epsilon,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx);

    /**
     * The gradients of {@link #layerNorm} with respect to weight and bias.
     *
     * @param rows of x
     * @param size of a row
     * @param x rows x size
     * @param dy rows x size
     * @param epsilon above 0
     * @param dWeight size, overwritten
     * @param dBias size, overwritten
     */
    void layerNormWeightGradient(long rows, int size, Buffer x, Buffer dy, float epsilon, Buffer dWeight, Buffer dBias);

    /**
     * y = x / (1 - probability) where an element is kept, else 0; an element is dropped where its uniform draw, element e of
     * the stream at the example's index with the layer as restart, is below the probability. The same call on a gradient is
     * the gradient.
     *
     * @param n examples
     * @param d values of an example
     * @param x n x d
     * @param indices n int32, the examples' positions in the data set
     * @param random the stream; its epoch is the cursor's where there is one
     * @param cursor where the training stands, or null
     * @param layer tells the dropout layers of a model apart
     * @param probability in [0,1)
     * @param y n x d; may be x
     */
    void dropout(
            int n,
            int d,
            Buffer x,
            Buffer indices,
            RandomStream random,
            @Nullable Cursor cursor,
            int layer,
            float probability,
            Buffer y);
}
