package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;

/** The forward kernel of kernels/activation.cu. */
final class ActivationForward {
    private final Kernel kernel;

    ActivationForward(KernelModule module) {
        kernel = module.kernel("activation_forward");
    }

    void run(long length, Buffer x, Activation activation, Buffer y) {
        CudaBuffer input = Checked.floats(x, length, "x");
        CudaBuffer output = Checked.floats(y, length, "y");
        if (length > 0) {
            kernel.fours(length)
                    .with(length)
                    .with(input)
                    .with(activation.kind().ordinal())
                    .with(activation.slope())
                    .with(output)
                    .run();
        }
    }
}
