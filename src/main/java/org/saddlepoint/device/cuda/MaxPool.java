package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Pooling;

/** kernels/max_pool.cu. */
final class MaxPool {
    private final Kernel forward;
    private final Kernel gradient;

    MaxPool(KernelModule module) {
        forward = module.kernel("max_pool");
        gradient = module.kernel("max_pool_gradient");
    }

    void run(int n, Pooling shape, Buffer x, Buffer y, Buffer chosen) {
        CudaBuffer input = Checked.floats(x, (long) n * shape.inputSize(), "x");
        CudaBuffer output = Checked.floats(y, (long) n * shape.outputSize(), "y");
        CudaBuffer positions = Checked.ints(chosen, (long) n * shape.outputSize(), "chosen");
        if (n > 0) {
            ImageLaunch.over(forward, shape.outputSize(), n, shape)
                    .with(input)
                    .with(output)
                    .with(positions)
                    .run();
        }
    }

    void gradient(
            int n, Pooling shape, Buffer dy, Buffer chosen, Activation activation, @Nullable Buffer before, Buffer dx) {
        CudaBuffer outputs = Checked.floats(dy, (long) n * shape.outputSize(), "dy");
        CudaBuffer positions = Checked.ints(chosen, (long) n * shape.outputSize(), "chosen");
        CudaBuffer y = Checked.before(activation, before, (long) n * shape.inputSize());
        CudaBuffer inputs = Checked.floats(dx, (long) n * shape.inputSize(), "dx");
        if (n > 0) {
            ImageLaunch.over(gradient, shape.inputSize(), n, shape)
                    .with(outputs)
                    .with(positions)
                    .with(y)
                    .with(activation.kind().ordinal())
                    .with(activation.slope())
                    .with(inputs)
                    .run();
        }
    }
}
