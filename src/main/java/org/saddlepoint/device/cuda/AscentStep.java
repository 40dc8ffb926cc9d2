package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Ascent;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.threat.Norm;

/** kernels/ascent_step.cu. */
final class AscentStep {
    private final Kernel linf;
    private final Kernel l2;
    private final L2Step projection;

    AscentStep(KernelModule module, L2Step projection) {
        linf = module.kernel("ascent_step_linf");
        l2 = module.kernel("ascent_step_l2");
        this.projection = projection;
    }

    void run(Ascent ascent, float momentum) {
        int n = ascent.n();
        int d = ascent.d();
        long length = (long) n * d;
        float epsilon = ascent.threat().epsilon();
        BestIterate known = ascent.known();
        CudaBuffer gradient = Checked.floats(ascent.gradient(), length, "gradient");
        CudaBuffer origin = Checked.floats(ascent.origin(), length, "origin");
        CudaBuffer state = Checked.floats(ascent.state(), (long) n * Ascent.STATE, "state");
        CudaBuffer beaten = known == null ? null : Checked.ints(known.beaten(), n, "beaten");
        CudaBuffer zeros = known == null ? null : Checked.ints(known.zeroGradients(), n, "zero gradients");
        CudaBuffer workspace = Checked.floatsOrNull(ascent.workspace(), length, "workspace");
        CudaBuffer previous = Checked.floats(ascent.previous(), length, "previous");
        CudaBuffer x = Checked.floats(ascent.x(), length, "x");
        if (n == 0) {
            return;
        }
        boolean signs = ascent.threat().norm() == Norm.LINF;
        Launch launch = (signs ? linf : l2)
                .rows(n)
                .with(n)
                .with(d)
                .with(gradient)
                .with(origin)
                .with(state)
                .with(momentum)
                .with(epsilon)
                .with(beaten)
                .with(zeros);
        if (signs) {
            launch.with(previous).with(x).run();
        } else {
            launch.with(workspace).with(previous).with(x).run();
            projection.run(new StepArguments(n, d, null, origin, 0f, epsilon, 1, beaten, null, x));
        }
    }
}
