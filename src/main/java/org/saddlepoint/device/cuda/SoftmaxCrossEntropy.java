package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;

/** kernels/softmax_cross_entropy.cu. */
final class SoftmaxCrossEntropy {
    private final Kernel kernel;

    SoftmaxCrossEntropy(KernelModule module) {
        kernel = module.kernel("softmax_cross_entropy");
    }

    void run(
            int n,
            int c,
            CudaBuffer logits,
            CudaBuffer labels,
            float factor,
            boolean rescaled,
            @Nullable CudaBuffer loss,
            @Nullable CudaBuffer gradient) {
        kernel.rows(n)
                .with(n)
                .with(c)
                .with(logits)
                .with(labels)
                .with(factor)
                .with(rescaled)
                .with(loss)
                .with(gradient)
                .run();
    }
}
