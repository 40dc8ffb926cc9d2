package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;

/** The gradient kernel of kernels/activation.cu. */
final class ActivationGradient {
    private final Kernel kernel;

    ActivationGradient(KernelModule module) {
        kernel = module.kernel("activation_gradient");
    }

    void run(long length, Buffer y, Buffer dy, Activation activation, Buffer dx) {
        CudaBuffer output = Checked.floats(y, length, "y");
        CudaBuffer gradient = Checked.floats(dy, length, "dy");
        CudaBuffer result = Checked.floats(dx, length, "dx");
        if (length > 0) {
            kernel.fours(length)
                    .with(length)
                    .with(output)
                    .with(gradient)
                    .with(activation.kind().ordinal())
                    .with(activation.slope())
                    .with(result)
                    .run();
        }
    }
}
