package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;

/** kernels/sum.cu. */
final class Sum {
    private final Kernel kernel;

    Sum(KernelModule module) {
        kernel = module.kernel("sum");
    }

    void run(long length, Buffer values, Buffer out) {
        CudaBuffer from = Checked.floats(values, length, "values");
        CudaBuffer to = Checked.floats(out, 1, "out");
        kernel.blocks(1, Kernel.THREADS).with(length).with(from).with(to).run();
    }
}
