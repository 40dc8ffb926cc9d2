package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.ImageOperations;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Pooling;
import org.saddlepoint.device.Precision;

/** Convolution and pooling as launches, at one precision. */
final class CudaImageOperations implements ImageOperations {
    private final CudaDriver driver;
    private final Launchers launchers;
    private final @Nullable CudnnConvolutions cudnn;
    private final Precision precision;

    CudaImageOperations(
            CudaDriver driver, Launchers launchers, @Nullable CudnnConvolutions cudnn, Precision precision) {
        this.driver = driver;
        this.launchers = launchers;
        this.cudnn = cudnn;
        this.precision = precision;
    }

    @Override
    public long preparedLength(Convolution shape) {
        return ConvolutionWeights.preparedLength(shape);
    }

    @Override
    public void prepare(Convolution shape, Buffer weights, Buffer prepared) {
        driver.run(() -> ConvolutionWeights.prepare(launchers.transpose, shape, weights, prepared));
    }

    @Override
    public void convolutionForward(
            int n,
            Convolution shape,
            Buffer x,
            Buffer weights,
            Buffer prepared,
            @Nullable Buffer bias,
            Activation activation,
            Buffer y) {
        driver.run(() -> {
            CudaBuffer w = ConvolutionWeights.of(shape, weights, prepared);
            if (cudnn == null || !cudnn.forward(n, shape, x, w, bias, activation, y)) {
                launchers.convolutionForward.run(precision, n, shape, x, w, bias, activation, y);
            }
        });
    }

    @Override
    public void convolutionInputGradient(
            int n,
            Convolution shape,
            Buffer dy,
            Buffer weights,
            Buffer prepared,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx) {
        driver.run(() -> {
            CudaBuffer w = ConvolutionWeights.of(shape, weights, prepared);
            if (cudnn == null || !cudnn.inputGradient(n, shape, dy, w, activation, before, dx)) {
                launchers.convolutionInputGradient.run(precision, n, shape, dy, w, activation, before, dx);
            }
        });
    }

    @Override
    public void convolutionWeightGradient(
            int n, Convolution shape, Buffer x, Buffer dy, Buffer dWeights, @Nullable Buffer dBias) {
        driver.run(() -> {
            if (cudnn == null || !cudnn.weightGradient(n, shape, x, dy, dWeights, dBias)) {
                launchers.convolutionWeightGradient.run(precision, n, shape, x, dy, dWeights, dBias);
            }
        });
    }

    @Override
    public void convolutionLinfStep(Convolution shape, Buffer dy, Buffer weights, Buffer prepared, Loop loop) {
        driver.run(() -> {
            CudaBuffer w = ConvolutionWeights.of(shape, weights, prepared);
            if (cudnn == null || !cudnn.linfStep(shape, dy, w, loop)) {
                launchers.convolutionLinfStep.run(precision, shape, dy, w, loop);
            }
        });
    }

    @Override
    public void maxPool(int n, Pooling shape, Buffer x, Buffer y, Buffer chosen) {
        driver.run(() -> launchers.maxPool.run(n, shape, x, y, chosen));
    }

    @Override
    public void maxPoolGradient(
            int n, Pooling shape, Buffer dy, Buffer chosen, Activation activation, @Nullable Buffer before, Buffer dx) {
        driver.run(() -> launchers.maxPool.gradient(n, shape, dy, chosen, activation, before, dx));
    }

    @Override
    public void averagePool(int n, Pooling shape, Buffer x, Buffer y) {
        driver.run(() -> launchers.averagePool.run(n, shape, x, y));
    }

    @Override
    public void averagePoolGradient(
            int n, Pooling shape, Buffer dy, Activation activation, @Nullable Buffer before, Buffer dx) {
        driver.run(() -> launchers.averagePool.gradient(n, shape, dy, activation, before, dx));
    }

    @Override
    public void transpose(int n, int rows, int columns, Buffer x, Buffer y) {
        driver.run(() -> launchers.transpose.run(n, rows, columns, x, y));
    }
}
