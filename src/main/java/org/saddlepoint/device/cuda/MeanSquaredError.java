package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;

/** kernels/mean_squared_error.cu. */
final class MeanSquaredError {
    private final Kernel kernel;

    MeanSquaredError(KernelModule module) {
        kernel = module.kernel("mean_squared_error");
    }

    void run(
            int n,
            int c,
            CudaBuffer logits,
            CudaBuffer labels,
            float factor,
            @Nullable CudaBuffer loss,
            @Nullable CudaBuffer gradient) {
        kernel.rows(n)
                .with(n)
                .with(c)
                .with(logits)
                .with(labels)
                .with(factor)
                .with(loss)
                .with(gradient)
                .run();
    }
}
