package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;

/** kernels/margin.cu. */
final class Margin {
    private final Kernel kernel;

    Margin(KernelModule module) {
        kernel = module.kernel("margin");
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
