package org.saddlepoint.device.cuda;

import org.saddlepoint.device.BoundaryWalk;
import org.saddlepoint.device.Buffer;

/** kernels/keep_closest.cu. */
final class KeepClosest {
    private final Kernel kernel;

    KeepClosest(KernelModule module) {
        kernel = module.kernel("keep_closest");
    }

    void run(BoundaryWalk walk, int d, int c, Buffer logits, int step) {
        int n = walk.n();
        BoundaryWalk.Rule rule = walk.rule();
        CudaBuffer z = Checked.floats(logits, (long) n * c, "logits");
        CudaBuffer origin = Checked.floats(walk.origin(), (long) n * d, "origin");
        CudaBuffer labels = Checked.ints(walk.labels(), n, "labels");
        CudaBuffer x = Checked.floats(walk.x(), (long) n * d, "x");
        CudaBuffer bestX = Checked.floats(walk.best().x(), (long) n * d, "best x");
        CudaBuffer objective = Checked.floats(walk.best().objective(), n, "best objective");
        CudaBuffer beaten = Checked.ints(walk.best().beaten(), n, "beaten");
        if (n > 0) {
            kernel.rows(n)
                    .with(rule.threat().norm().ordinal())
                    .with(n)
                    .with(d)
                    .with(c)
                    .with(z)
                    .with(origin)
                    .with(labels)
                    .with(rule.threat().epsilon())
                    .with(rule.pull())
                    .with(rule.minimal())
                    .with(step)
                    .with(x)
                    .with(bestX)
                    .with(objective)
                    .with(beaten)
                    .run();
        }
    }
}
