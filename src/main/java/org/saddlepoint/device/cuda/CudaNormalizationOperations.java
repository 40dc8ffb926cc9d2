package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Cursor;
import org.saddlepoint.device.NormalizationOperations;
import org.saddlepoint.device.RandomStream;

/** Normalisation and dropout as launches. */
final class CudaNormalizationOperations implements NormalizationOperations {
    private final CudaDriver driver;
    private final Launchers launchers;

    CudaNormalizationOperations(CudaDriver driver, Launchers launchers) {
        this.driver = driver;
        this.launchers = launchers;
    }

    @Override
    public void channelStatistics(long rows, int channels, Buffer x, Buffer mean, Buffer variance) {
        driver.run(() -> launchers.channelStatistics.run(rows, channels, x, mean, variance));
    }

    @Override
    public void updateRunningStatistics(
            long rows,
            int channels,
            float momentum,
            Buffer mean,
            Buffer variance,
            Buffer runningMean,
            Buffer runningVariance) {
        driver.run(() -> launchers.updateRunningStatistics.run(
                rows, channels, momentum, mean, variance, runningMean, runningVariance));
    }

    @Override
    public void foldBatchNorm(
            int channels,
            Buffer mean,
            Buffer variance,
            float epsilon,
            Buffer weight,
            Buffer bias,
            Buffer scale,
            Buffer shift) {
        driver.run(() -> launchers.foldBatchNorm.run(channels, mean, variance, epsilon, weight, bias, scale, shift));
    }

    @Override
    public void batchNormGradient(
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
            Buffer dx) {
        driver.run(() -> launchers.batchNormGradient.run(
                rows, channels, x, dy, mean, variance, epsilon, weight, dWeight, dBias, dx));
    }

    @Override
    public void layerNorm(
            long rows, int size, Buffer x, Buffer weight, Buffer bias, float epsilon, Activation activation, Buffer y) {
        driver.run(() -> launchers.layerNorm.run(rows, size, x, weight, bias, epsilon, activation, y));
    }

    @Override
    public void layerNormGradient(
            long rows,
            int size,
            Buffer x,
            Buffer dy,
            Buffer weight,
            float epsilon,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx) {
        driver.run(() -> launchers.layerNormGradient.run(rows, size, x, dy, weight, epsilon, activation, before, dx));
    }

    @Override
    public void layerNormWeightGradient(
            long rows, int size, Buffer x, Buffer dy, float epsilon, Buffer dWeight, Buffer dBias) {
        driver.run(() -> launchers.layerNormWeightGradient.run(rows, size, x, dy, epsilon, dWeight, dBias));
    }

    @Override
    public void dropout(
            int n,
            int d,
            Buffer x,
            Buffer indices,
            RandomStream random,
            @Nullable Cursor cursor,
            int layer,
            float probability,
            Buffer y) {
        driver.run(() -> launchers.dropout.run(n, d, x, indices, random, cursor, layer, probability, y));
    }
}
