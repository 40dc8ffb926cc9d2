package org.saddlepoint.device.cpu;

import static org.saddlepoint.device.cpu.CpuOperations.check;
import static org.saddlepoint.device.cpu.CpuOperations.floats;
import static org.saddlepoint.device.cpu.CpuOperations.ints;
import static org.saddlepoint.device.cpu.CpuOperations.optional;
import static org.saddlepoint.device.cpu.CpuOperations.unchecked;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;
import org.saddlepoint.device.Cursor;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.NormalizationOperations;
import org.saddlepoint.device.RandomStream;

/** Normalisation and dropout over {@link CpuLibrary}. */
final class CpuNormalizationOperations implements NormalizationOperations {
    private final MemorySegment device;

    CpuNormalizationOperations(MemorySegment device) {
        this.device = device;
    }

    @Override
    public void channelStatistics(long rows, int channels, Buffer x, Buffer mean, Buffer variance) {
        Checks.statistics(rows, channels);
        MemorySegment input = floats(x, rows * channels, "x");
        MemorySegment means = floats(mean, channels, "mean");
        MemorySegment variances = floats(variance, channels, "variance");
        try {
            check("channel_statistics", (int)
                    CpuLibrary.CHANNEL_STATISTICS.invokeExact(device, rows, (long) channels, input, means, variances));
        } catch (Throwable e) {
            throw unchecked(e);
        }
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
        Checks.statistics(rows, channels);
        MemorySegment means = floats(mean, channels, "mean");
        MemorySegment variances = floats(variance, channels, "variance");
        MemorySegment runningMeans = floats(runningMean, channels, "running mean");
        MemorySegment runningVariances = floats(runningVariance, channels, "running variance");
        try {
            check("update_running_statistics", (int) CpuLibrary.UPDATE_RUNNING_STATISTICS.invokeExact(
                    device, rows, (long) channels, momentum, means, variances, runningMeans, runningVariances));
        } catch (Throwable e) {
            throw unchecked(e);
        }
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
        MemorySegment means = floats(mean, channels, "mean");
        MemorySegment variances = floats(variance, channels, "variance");
        MemorySegment weights = floats(weight, channels, "weight");
        MemorySegment biases = floats(bias, channels, "bias");
        MemorySegment scales = floats(scale, channels, "scale");
        MemorySegment shifts = floats(shift, channels, "shift");
        try {
            check("fold_batch_norm", (int) CpuLibrary.FOLD_BATCH_NORM.invokeExact(
                    device, (long) channels, means, variances, epsilon, weights, biases, scales, shifts));
        } catch (Throwable e) {
            throw unchecked(e);
        }
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
        Checks.statistics(rows, channels);
        MemorySegment input = floats(x, rows * channels, "x");
        MemorySegment gradient = floats(dy, rows * channels, "dy");
        MemorySegment means = floats(mean, channels, "mean");
        MemorySegment variances = floats(variance, channels, "variance");
        MemorySegment weights = floats(weight, channels, "weight");
        MemorySegment dw = floats(dWeight, channels, "weight gradient");
        MemorySegment db = floats(dBias, channels, "bias gradient");
        MemorySegment result = floats(dx, rows * channels, "dx");
        try {
            check("batch_norm_gradient", (int) CpuLibrary.BATCH_NORM_GRADIENT.invokeExact(
                    device,
                    rows,
                    (long) channels,
                    input,
                    gradient,
                    means,
                    variances,
                    epsilon,
                    weights,
                    dw,
                    db,
                    result));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void layerNorm(
            long rows, int size, Buffer x, Buffer weight, Buffer bias, float epsilon, Activation activation, Buffer y) {
        Checks.statistics(size, 1);
        MemorySegment input = floats(x, rows * size, "x");
        MemorySegment weights = floats(weight, size, "weight");
        MemorySegment biases = floats(bias, size, "bias");
        MemorySegment output = floats(y, rows * size, "y");
        int kind = activation.kind().ordinal();
        try {
            check("layer_norm", (int) CpuLibrary.LAYER_NORM.invokeExact(
                    device, rows, (long) size, input, weights, biases, epsilon, kind, activation.slope(), output));
        } catch (Throwable e) {
            throw unchecked(e);
        }
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
        Checks.derivative(activation, before);
        Checks.statistics(size, 1);
        MemorySegment input = floats(x, rows * size, "x");
        MemorySegment gradient = floats(dy, rows * size, "dy");
        MemorySegment weights = floats(weight, size, "weight");
        MemorySegment output = optional(before, ElementType.FLOAT32, rows * size, "before");
        MemorySegment result = floats(dx, rows * size, "dx");
        int kind = activation.kind().ordinal();
        try {
            check("layer_norm_gradient", (int) CpuLibrary.LAYER_NORM_GRADIENT.invokeExact(
                    device,
                    rows,
                    (long) size,
                    input,
                    gradient,
                    weights,
                    epsilon,
                    kind,
                    activation.slope(),
                    output,
                    result));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void layerNormWeightGradient(
            long rows, int size, Buffer x, Buffer dy, float epsilon, Buffer dWeight, Buffer dBias) {
        Checks.statistics(size, 1);
        MemorySegment input = floats(x, rows * size, "x");
        MemorySegment gradient = floats(dy, rows * size, "dy");
        MemorySegment dw = floats(dWeight, size, "weight gradient");
        MemorySegment db = floats(dBias, size, "bias gradient");
        try {
            check("layer_norm_weight_gradient", (int) CpuLibrary.LAYER_NORM_WEIGHT_GRADIENT.invokeExact(
                    device, rows, (long) size, input, gradient, epsilon, dw, db));
        } catch (Throwable e) {
            throw unchecked(e);
        }
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
        MemorySegment input = floats(x, (long) n * d, "x");
        MemorySegment index = ints(indices, n, "indices");
        MemorySegment output = floats(y, (long) n * d, "y");
        int stream = random.in(cursor).word();
        try {
            check("dropout", (int) CpuLibrary.DROPOUT.invokeExact(
                    device, (long) n, (long) d, input, index, random.seed(), stream, layer, probability, output));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }
}
