package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;

/** kernels/layer_norm_gradient.cu. */
final class LayerNormGradient {
    private final Kernel kernel;

    LayerNormGradient(KernelModule module) {
        kernel = module.kernel("layer_norm_gradient");
    }

    void run(
            long rows,
            int size,
            Buffer x,
            Buffer dy,
            Buffer weight,
            float epsilon,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx) {
        Checks.derivative(activation, before);
        Checks.statistics(size, 1);
        CudaBuffer input = Checked.floats(x, rows * size, "x");
        CudaBuffer given = Checked.floats(dy, rows * size, "dy");
        CudaBuffer weights = Checked.floats(weight, size, "weight");
        CudaBuffer output = Checked.floatsOrNull(before, rows * size, "before");
        CudaBuffer result = Checked.floats(dx, rows * size, "dx");
        if (rows > 0) {
            kernel.rows(rows)
                    .with(rows)
                    .with(size)
                    .with(input)
                    .with(given)
                    .with(weights)
                    .with(epsilon)
                    .with(activation.kind().ordinal())
                    .with(activation.slope())
                    .with(output)
                    .with(result)
                    .run();
        }
    }
}
