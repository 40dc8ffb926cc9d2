package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Pooling;

/** kernels/average_pool.cu. */
final class AveragePool {
    private final Kernel forward;
    private final Kernel gradient;

    AveragePool(KernelModule module) {
        forward = module.kernel("average_pool");
        gradient = module.kernel("average_pool_gradient");
    }

    void run(int n, Pooling shape, Buffer x, Buffer y) {
        CudaBuffer input = Checked.floats(x, (long) n * shape.inputSize(), "x");
        CudaBuffer output = Checked.floats(y, (long) n * shape.outputSize(), "y");
        if (n > 0) {
            ImageLaunch.over(forward, shape.outputSize(), n, shape)
                    .with(shape.countPadding())
                    .with(input)
                    .with(output)
                    .run();
        }
    }

    void gradient(int n, Pooling shape, Buffer dy, Activation activation, @Nullable Buffer before, Buffer dx) {
        CudaBuffer outputs = Checked.floats(dy, (long) n * shape.outputSize(), "dy");
        CudaBuffer y = Checked.before(activation, before, (long) n * shape.inputSize());
        CudaBuffer inputs = Checked.floats(dx, (long) n * shape.inputSize(), "dx");
        if (n > 0) {
            ImageLaunch.over(gradient, shape.inputSize(), n, shape)
                    .with(shape.countPadding())
                    .with(outputs)
                    .with(y)
                    .with(activation.kind().ordinal())
                    .with(activation.slope())
                    .with(inputs)
                    .run();
        }
    }
}
