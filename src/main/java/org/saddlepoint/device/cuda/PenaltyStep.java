package org.saddlepoint.device.cuda;

import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.PenaltyDescent;

/** kernels/penalty_step.cu. */
final class PenaltyStep {
    private final Kernel kernel;

    PenaltyStep(KernelModule module) {
        kernel = module.kernel("penalty_step");
    }

    void run(PenaltyDescent descent, Buffer margin, Buffer gradient, int iteration, int step, boolean check) {
        int n = descent.n();
        long length = (long) n * descent.d();
        PenaltyDescent.Rule rule = descent.rule();
        BestIterate best = descent.best();
        CudaBuffer value = Checked.floats(margin, n, "margin");
        CudaBuffer g = Checked.floats(gradient, length, "gradient");
        CudaBuffer origin = Checked.floats(descent.origin(), length, "origin");
        CudaBuffer state = Checked.floats(descent.state(), (long) n * PenaltyDescent.STATE, "state");
        CudaBuffer done = Checked.ints(descent.done(), n, "done");
        CudaBuffer x = Checked.floats(descent.x(), length, "x");
        CudaBuffer w = Checked.floats(descent.w(), length, "w");
        CudaBuffer first = Checked.floats(descent.first(), length, "first moment");
        CudaBuffer second = Checked.floats(descent.second(), length, "second moment");
        CudaBuffer bestX = Checked.floats(best.x(), length, "best x");
        CudaBuffer objective = Checked.floats(best.objective(), n, "best objective");
        CudaBuffer beaten = Checked.ints(best.beaten(), n, "beaten");
        CudaBuffer zeros = Checked.ints(best.zeroGradients(), n, "zero gradients");
        if (n > 0) {
            kernel.rows(n)
                    .with(n)
                    .with(descent.d())
                    .with(value)
                    .with(g)
                    .with(origin)
                    .with(rule.targeted())
                    .with(rule.confidence())
                    .with(rule.epsilon())
                    .with(rule.minimal())
                    .with(rule.stepSize(iteration))
                    .with(rule.rootCorrection(iteration))
                    .with(step)
                    .with(check)
                    .with(state)
                    .with(done)
                    .with(x)
                    .with(w)
                    .with(first)
                    .with(second)
                    .with(bestX)
                    .with(objective)
                    .with(beaten)
                    .with(zeros)
                    .run();
        }
    }
}
