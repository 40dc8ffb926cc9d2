package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Ascent;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.threat.Norm;

/** kernels/ascent_start.cu. */
final class AscentStart {
    private final Kernel linf;
    private final Kernel gaussian;
    private final Kernel l2;
    private final L2Step projection;

    AscentStart(KernelModule module, L2Step projection) {
        linf = module.kernel("ascent_start_linf");
        gaussian = module.kernel("ascent_gaussian");
        l2 = module.kernel("ascent_start_l2");
        this.projection = projection;
    }

    void run(Ascent ascent, Buffer indices, RandomStream random, int restart) {
        int n = ascent.n();
        int d = ascent.d();
        float epsilon = ascent.threat().epsilon();
        CudaBuffer origin = Checked.floats(ascent.origin(), (long) n * d, "origin");
        CudaBuffer index = Checked.ints(indices, n, "indices");
        CudaBuffer x = Checked.floats(ascent.x(), (long) n * d, "x");
        if (n == 0) {
            return;
        }
        if (ascent.threat().norm() == Norm.LINF) {
            linf.rows(n)
                    .with(n)
                    .with(d)
                    .with(origin)
                    .with(index)
                    .with(epsilon)
                    .with(random.seed())
                    .with(random.word())
                    .with(restart)
                    .with(x)
                    .run();
            return;
        }
        gaussian.rows(n)
                .with(n)
                .with(d)
                .with(index)
                .with(random.seed())
                .with(random.word())
                .with(restart)
                .with(x)
                .run();
        l2.rows(n).with(n).with(d).with(origin).with(epsilon).with(x).run();
        projection.run(new StepArguments(n, d, null, origin, 0f, epsilon, 1, null, null, x));
    }
}
