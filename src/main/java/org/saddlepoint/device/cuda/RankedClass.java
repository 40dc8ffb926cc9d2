package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;

/** kernels/ranked_class.cu. */
final class RankedClass {
    private final Kernel kernel;

    RankedClass(KernelModule module) {
        kernel = module.kernel("ranked_class");
    }

    void run(int n, int c, Buffer logits, Buffer labels, int rank, Buffer out) {
        CudaBuffer z = Checked.floats(logits, (long) n * c, "logits");
        CudaBuffer y = Checked.ints(labels, n, "labels");
        CudaBuffer classes = Checked.ints(out, n, "out");
        if (n > 0) {
            kernel.rows(n)
                    .with(n)
                    .with(c)
                    .with(z)
                    .with(y)
                    .with(rank)
                    .with(classes)
                    .run();
        }
    }
}
