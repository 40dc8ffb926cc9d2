package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;

/** kernels/divergence.cu: between two softmaxes. */
final class Divergence {
    private final Kernel kernel;

    Divergence(KernelModule module) {
        kernel = module.kernel("divergence");
    }

    void run(
            int n,
            int c,
            Buffer logits,
            Buffer reference,
            float factor,
            @Nullable Buffer loss,
            @Nullable Buffer gradient) {
        CudaBuffer z = Checked.floats(logits, (long) n * c, "logits");
        CudaBuffer from = Checked.floats(reference, (long) n * c, "reference");
        CudaBuffer value = Checked.floatsOrNull(loss, n, "loss");
        CudaBuffer dz = Checked.floatsOrNull(gradient, (long) n * c, "gradient");
        if (n > 0) {
            kernel.rows(n)
                    .with(n)
                    .with(c)
                    .with(z)
                    .with(from)
                    .with(factor)
                    .with(value)
                    .with(dz)
                    .run();
        }
    }
}
