package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;

/** kernels/add.cu. */
final class Add {
    private final Kernel kernel;

    Add(KernelModule module) {
        kernel = module.kernel("add");
    }

    void run(long length, Buffer a, Buffer b, Activation activation, Buffer y) {
        CudaBuffer left = Checked.floats(a, length, "a");
        CudaBuffer right = Checked.floats(b, length, "b");
        CudaBuffer output = Checked.floats(y, length, "y");
        if (length > 0) {
            kernel.fours(length)
                    .with(length)
                    .with(left)
                    .with(right)
                    .with(activation.kind().ordinal())
                    .with(activation.slope())
                    .with(output)
                    .run();
        }
    }
}
