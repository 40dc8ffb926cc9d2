package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.LossOperations;

/** kernels/target_loss.cu. */
final class TargetLoss {
    private final Kernel kernel;

    TargetLoss(KernelModule module) {
        kernel = module.kernel("target_loss");
    }

    /** targets: null with the untargeted ratio. */
    void run(
            LossOperations.TargetLoss kind,
            int n,
            int c,
            Buffer logits,
            Buffer labels,
            @Nullable Buffer targets,
            float factor,
            @Nullable Buffer loss,
            @Nullable Buffer gradient) {
        CudaBuffer z = Checked.floats(logits, (long) n * c, "logits");
        CudaBuffer y = Checked.ints(labels, n, "labels");
        CudaBuffer t = targets == null ? null : Checked.ints(targets, n, "targets");
        CudaBuffer value = Checked.floatsOrNull(loss, n, "loss");
        CudaBuffer dz = Checked.floatsOrNull(gradient, (long) n * c, "gradient");
        if (n > 0) {
            kernel.rows(n)
                    .with(kind.ordinal())
                    .with(n)
                    .with(c)
                    .with(z)
                    .with(y)
                    .with(t)
                    .with(factor)
                    .with(value)
                    .with(dz)
                    .run();
        }
    }
}
