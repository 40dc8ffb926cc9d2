package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Precision;

/** kernels/dense_weight_gradient.cu. */
final class DenseWeightGradient {
    private final CudaDriver driver;
    private final Rounded kernels;

    DenseWeightGradient(CudaDriver driver, KernelModule module) {
        this.driver = driver;
        kernels = new Rounded(module, "dense_weight_gradient");
    }

    void run(Precision precision, int n, int in, int out, Buffer x, Buffer dy, Buffer dWeights, Buffer dBias) {
        CudaBuffer input = Checked.floats(x, (long) n * in, "x");
        CudaBuffer gradient = Checked.floats(dy, (long) n * out, "dy");
        CudaBuffer dw = Checked.floats(dWeights, (long) in * out, "weight gradient");
        CudaBuffer db = Checked.floats(dBias, out, "bias gradient");
        if (n == 0) {
            driver.fill(dw, 0, (long) in * out);
            driver.fill(db, 0, out);
            return;
        }
        // A square tile by the number of outputs; the result is out x in.
        int side = out <= 256 ? 32 : 64;
        new DenseTile(side, side)
                .over(kernels.at(precision), out, in)
                .with(n)
                .with(in)
                .with(out)
                .with(input)
                .with(gradient)
                .with(dw)
                .with(db)
                .run();
    }
}
