package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Precision;

/** kernels/dense_forward.cu. */
final class DenseForward {
    private final Rounded kernels;

    DenseForward(KernelModule module) {
        kernels = new Rounded(module, "dense_forward");
    }

    void run(
            Precision precision,
            int n,
            int in,
            int out,
            Buffer x,
            Buffer weights,
            Buffer bias,
            Activation activation,
            Buffer y) {
        CudaBuffer input = Checked.floats(x, (long) n * in, "x");
        CudaBuffer w = Checked.floats(weights, (long) in * out, "weights");
        CudaBuffer b = Checked.floats(bias, out, "bias");
        CudaBuffer output = Checked.floats(y, (long) n * out, "y");
        if (n > 0) {
            DenseTile.of(out)
                    .over(kernels.at(precision), n, out)
                    .with(n)
                    .with(in)
                    .with(out)
                    .with(input)
                    .with(w)
                    .with(b)
                    .with(activation.kind().ordinal())
                    .with(activation.slope())
                    .with(output)
                    .run();
        }
    }
}
