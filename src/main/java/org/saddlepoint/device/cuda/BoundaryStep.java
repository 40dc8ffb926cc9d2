package org.saddlepoint.device.cuda;

import org.saddlepoint.device.BoundaryWalk;
import org.saddlepoint.device.Buffer;

/** kernels/boundary_step.cu. */
final class BoundaryStep {
    private final Kernel kernel;

    BoundaryStep(KernelModule module) {
        kernel = module.kernel("boundary_step");
    }

    void run(BoundaryWalk walk, int d, int c, Buffer logits, Buffer direction, Buffer gradient) {
        int n = walk.n();
        BoundaryWalk.Rule rule = walk.rule();
        CudaBuffer z = Checked.floats(logits, (long) n * c, "logits");
        CudaBuffer towards = Checked.floats(direction, (long) n * c, "direction");
        CudaBuffer w = Checked.floats(gradient, (long) n * d, "gradient");
        CudaBuffer origin = Checked.floats(walk.origin(), (long) n * d, "origin");
        CudaBuffer beaten = rule.minimal() ? null : Checked.ints(walk.best().beaten(), n, "beaten");
        CudaBuffer zeros = Checked.ints(walk.best().zeroGradients(), n, "zero gradients");
        CudaBuffer x = Checked.floats(walk.x(), (long) n * d, "x");
        if (n > 0) {
            kernel.rows(n)
                    .with(rule.threat().norm().ordinal())
                    .with(n)
                    .with(d)
                    .with(c)
                    .with(z)
                    .with(towards)
                    .with(w)
                    .with(origin)
                    .with(rule.mostOrigin())
                    .with(rule.overshoot())
                    .with(beaten)
                    .with(zeros)
                    .with(x)
                    .run();
        }
    }
}
