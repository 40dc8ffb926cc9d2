package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Loop;

/** kernels/random_start.cu: the start in the ball. */
final class RandomStart {
    private final Kernel kernel;

    RandomStart(KernelModule module) {
        kernel = module.kernel("random_start");
    }

    void run(Loop loop, int d) {
        int n = loop.n();
        CudaBuffer origin = Checked.floats(loop.origin(), (long) n * d, "origin");
        CudaBuffer indices = Checked.ints(loop.indices(), n, "indices");
        CudaBuffer x = Checked.floats(loop.x(), (long) n * d, "x");
        // A cursor in device memory says the epoch; else it stands in the stream's word already.
        CudaBuffer place = loop.cursor() instanceof CudaCursor cursor ? cursor.place() : null;
        if (n > 0) {
            kernel.rows(n)
                    .with(loop.rule().norm().ordinal())
                    .with(loop.rule().start().ordinal())
                    .with(n)
                    .with(d)
                    .with(origin)
                    .with(indices)
                    .with(loop.rule().threat().epsilon())
                    .with(loop.random().seed())
                    .with(loop.random().word())
                    .with(place)
                    .with(loop.restart())
                    .with(x)
                    .run();
        }
    }
}
