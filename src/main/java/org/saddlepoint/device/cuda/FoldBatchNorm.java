package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;

/** kernels/fold_batch_norm.cu. */
final class FoldBatchNorm {
    private final Kernel kernel;

    FoldBatchNorm(KernelModule module) {
        kernel = module.kernel("fold_batch_norm");
    }

    void run(
            int channels,
            Buffer mean,
            Buffer variance,
            float epsilon,
            Buffer weight,
            Buffer bias,
            Buffer scale,
            Buffer shift) {
        CudaBuffer means = Checked.floats(mean, channels, "mean");
        CudaBuffer variances = Checked.floats(variance, channels, "variance");
        CudaBuffer weights = Checked.floats(weight, channels, "weight");
        CudaBuffer biases = Checked.floats(bias, channels, "bias");
        CudaBuffer scales = Checked.floats(scale, channels, "scale");
        CudaBuffer shifts = Checked.floats(shift, channels, "shift");
        kernel.elements(channels)
                .with(channels)
                .with(means)
                .with(variances)
                .with(epsilon)
                .with(weights)
                .with(biases)
                .with(scales)
                .with(shifts)
                .run();
    }
}
