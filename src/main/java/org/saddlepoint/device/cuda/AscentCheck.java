package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Ascent;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;

/** kernels/ascent_check.cu. */
final class AscentCheck {
    private final Kernel kernel;

    AscentCheck(KernelModule module) {
        kernel = module.kernel("ascent_check");
    }

    /** firstStep: negative but at the start; fewestRises: negative but at a checkpoint. */
    void run(Ascent ascent, Buffer loss, float firstStep, int fewestRises) {
        int n = ascent.n();
        int d = ascent.d();
        long length = (long) n * d;
        BestIterate known = ascent.known();
        CudaBuffer value = Checked.floats(loss, n, "loss");
        CudaBuffer beaten = known == null ? null : Checked.ints(known.beaten(), n, "beaten");
        CudaBuffer state = Checked.floats(ascent.state(), (long) n * Ascent.STATE, "state");
        CudaBuffer x = Checked.floats(ascent.x(), length, "x");
        CudaBuffer gradient = Checked.floats(ascent.gradient(), length, "gradient");
        CudaBuffer previous = Checked.floats(ascent.previous(), length, "previous");
        CudaBuffer best = Checked.floats(ascent.best(), length, "best");
        CudaBuffer bestGradient = Checked.floats(ascent.bestGradient(), length, "best gradient");
        if (n > 0) {
            kernel.rows(n)
                    .with(n)
                    .with(d)
                    .with(value)
                    .with(firstStep)
                    .with(fewestRises)
                    .with(beaten)
                    .with(state)
                    .with(x)
                    .with(gradient)
                    .with(previous)
                    .with(best)
                    .with(bestGradient)
                    .run();
        }
    }
}
