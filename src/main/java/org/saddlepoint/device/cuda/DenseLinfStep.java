package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Precision;

/** kernels/dense_linf_step.cu. */
final class DenseLinfStep {
    private final Rounded kernels;
    private final Scratch scratch;

    DenseLinfStep(KernelModule module, Scratch scratch) {
        kernels = new Rounded(module, "dense_linf_step");
        this.scratch = scratch;
    }

    void run(Precision precision, int out, Buffer dy, Buffer weights, Loop loop, int d) {
        int n = loop.n();
        CudaBuffer gradient = Checked.floats(dy, (long) n * out, "dy");
        CudaBuffer w = Checked.floats(weights, (long) d * out, "weights");
        CudaBuffer origin = Checked.floats(loop.origin(), (long) n * d, "origin");
        CudaBuffer x = Checked.floats(loop.x(), (long) n * d, "x");
        CudaBuffer beaten = Checked.beaten(loop);
        CudaBuffer zeros = Checked.zeroGradients(loop);
        if (n == 0) {
            return;
        }
        DenseTile tile = DenseTile.of(d);
        // A flag for each row and a ticket for each row of tiles, at the kernel's widest.
        CudaBuffer flags = zeros == null ? null : scratch.ints(n + Kernel.ceil(n, 32));
        tile.over(kernels.at(precision), n, d)
                .with(n)
                .with(d)
                .with(out)
                .with(gradient)
                .with(w)
                .with(origin)
                .with(loop.rule().stepSize())
                .with(loop.rule().threat().epsilon())
                .with(beaten)
                .with(zeros)
                .with(flags)
                .with(x)
                .run();
    }
}
