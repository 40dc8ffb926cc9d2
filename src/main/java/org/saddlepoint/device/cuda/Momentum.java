package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;

/** kernels/momentum.cu. */
final class Momentum {
    private final Kernel kernel;

    Momentum(KernelModule module) {
        kernel = module.kernel("momentum");
    }

    void run(int n, int d, Buffer gradient, float decay, @Nullable BestIterate known, Buffer momentum) {
        CudaBuffer g = Checked.floats(gradient, (long) n * d, "gradient");
        CudaBuffer beaten = known == null ? null : Checked.ints(known.beaten(), n, "beaten");
        CudaBuffer zeros = known == null ? null : Checked.ints(known.zeroGradients(), n, "zero gradients");
        CudaBuffer m = Checked.floats(momentum, (long) n * d, "momentum");
        if (n > 0) {
            kernel.rows(n)
                    .with(n)
                    .with(d)
                    .with(g)
                    .with(decay)
                    .with(beaten)
                    .with(zeros)
                    .with(m)
                    .run();
        }
    }
}
