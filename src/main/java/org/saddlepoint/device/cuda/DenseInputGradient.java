package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Precision;

/** kernels/dense_input_gradient.cu. */
final class DenseInputGradient {
    private final Rounded kernels;

    DenseInputGradient(KernelModule module) {
        kernels = new Rounded(module, "dense_input_gradient");
    }

    void run(
            Precision precision,
            int n,
            int in,
            int out,
            Buffer dy,
            Buffer weights,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx) {
        CudaBuffer gradient = Checked.floats(dy, (long) n * out, "dy");
        CudaBuffer w = Checked.floats(weights, (long) in * out, "weights");
        CudaBuffer y = Checked.before(activation, before, (long) n * in);
        CudaBuffer result = Checked.floats(dx, (long) n * in, "dx");
        if (n > 0) {
            DenseTile.of(in)
                    .over(kernels.at(precision), n, in)
                    .with(n)
                    .with(in)
                    .with(out)
                    .with(gradient)
                    .with(w)
                    .with(y)
                    .with(activation.kind().ordinal())
                    .with(activation.slope())
                    .with(result)
                    .run();
        }
    }
}
