package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;

/** kernels/layer_norm.cu. */
final class LayerNorm {
    private final Kernel kernel;

    LayerNorm(KernelModule module) {
        kernel = module.kernel("layer_norm");
    }

    void run(
            long rows, int size, Buffer x, Buffer weight, Buffer bias, float epsilon, Activation activation, Buffer y) {
        Checks.statistics(size, 1);
        CudaBuffer input = Checked.floats(x, rows * size, "x");
        CudaBuffer weights = Checked.floats(weight, size, "weight");
        CudaBuffer biases = Checked.floats(bias, size, "bias");
        CudaBuffer output = Checked.floats(y, rows * size, "y");
        if (rows > 0) {
            kernel.rows(rows)
                    .with(rows)
                    .with(size)
                    .with(input)
                    .with(weights)
                    .with(biases)
                    .with(epsilon)
                    .with(activation.kind().ordinal())
                    .with(activation.slope())
                    .with(output)
                    .run();
        }
    }
}
