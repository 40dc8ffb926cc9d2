package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;

/** The kernel arg_max of kernels/margin.cu. */
final class ArgMax {
    private final Kernel kernel;

    ArgMax(KernelModule module) {
        kernel = module.kernel("arg_max");
    }

    void run(int n, int c, Buffer logits, Buffer out) {
        CudaBuffer z = Checked.floats(logits, (long) n * c, "logits");
        CudaBuffer classes = Checked.ints(out, n, "out");
        if (n > 0) {
            kernel.rows(n).with(n).with(c).with(z).with(classes).run();
        }
    }
}
