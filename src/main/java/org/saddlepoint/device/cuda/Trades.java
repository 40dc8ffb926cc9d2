package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;

/** kernels/divergence.cu: the loss of TRADES. */
final class Trades {
    private final Kernel kernel;

    Trades(KernelModule module) {
        kernel = module.kernel("trades");
    }

    void run(int n, int c, Buffer logits, Buffer labels, float beta, float factor, Buffer loss, Buffer gradient) {
        CudaBuffer z = Checked.floats(logits, 2L * n * c, "logits");
        CudaBuffer y = Checked.ints(labels, n, "labels");
        CudaBuffer value = Checked.floats(loss, n, "loss");
        CudaBuffer dz = Checked.floats(gradient, 2L * n * c, "gradient");
        if (n > 0) {
            kernel.rows(n)
                    .with(n)
                    .with(c)
                    .with(z)
                    .with(y)
                    .with(beta)
                    .with(factor)
                    .with(value)
                    .with(dz)
                    .run();
        }
    }
}
