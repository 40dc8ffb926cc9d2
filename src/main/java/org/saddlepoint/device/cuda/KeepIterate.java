package org.saddlepoint.device.cuda;

import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Loop;

/** kernels/keep_iterate.cu. */
final class KeepIterate {
    private final Kernel kernel;

    KeepIterate(KernelModule module) {
        kernel = module.kernel("keep_iterate");
    }

    void run(Loop loop, int d, int c, Buffer logits, Buffer loss, int step) {
        BestIterate best = loop.best();
        if (best == null) {
            throw new IllegalArgumentException("a loop without a best iterate keeps none");
        }
        int n = loop.n();
        CudaBuffer x = Checked.floats(loop.x(), (long) n * d, "x");
        CudaBuffer z = Checked.floats(logits, (long) n * c, "logits");
        CudaBuffer labels = Checked.ints(loop.labels(), n, "labels");
        CudaBuffer value = Checked.floats(loss, n, "loss");
        CudaBuffer bestX = Checked.floats(best.x(), (long) n * d, "best x");
        CudaBuffer objective = Checked.floats(best.objective(), n, "best objective");
        CudaBuffer beaten = Checked.ints(best.beaten(), n, "beaten");
        if (n > 0) {
            kernel.rows(n)
                    .with(n)
                    .with(d)
                    .with(c)
                    .with(x)
                    .with(z)
                    .with(labels)
                    .with(value)
                    .with(loop.rule().targeted())
                    .with(step)
                    .with(bestX)
                    .with(objective)
                    .with(beaten)
                    .run();
        }
    }
}
