package org.saddlepoint.device.cuda;

import org.saddlepoint.device.PenaltyDescent;

/** kernels/penalty_search.cu. */
final class PenaltySearch {
    private final Kernel kernel;

    PenaltySearch(KernelModule module) {
        kernel = module.kernel("penalty_search");
    }

    void run(PenaltyDescent descent, boolean begins) {
        int n = descent.n();
        long length = (long) n * descent.d();
        CudaBuffer origin = Checked.floats(descent.origin(), length, "origin");
        CudaBuffer beaten = Checked.ints(descent.best().beaten(), n, "beaten");
        CudaBuffer state = Checked.floats(descent.state(), (long) n * PenaltyDescent.STATE, "state");
        CudaBuffer done = Checked.ints(descent.done(), n, "done");
        CudaBuffer x = Checked.floats(descent.x(), length, "x");
        CudaBuffer w = Checked.floats(descent.w(), length, "w");
        CudaBuffer first = Checked.floats(descent.first(), length, "first moment");
        CudaBuffer second = Checked.floats(descent.second(), length, "second moment");
        if (n > 0) {
            kernel.rows(n)
                    .with(n)
                    .with(descent.d())
                    .with(origin)
                    .with(begins)
                    .with(descent.rule().initial())
                    .with(descent.rule().minimal())
                    .with(beaten)
                    .with(state)
                    .with(done)
                    .with(x)
                    .with(w)
                    .with(first)
                    .with(second)
                    .run();
        }
    }
}
