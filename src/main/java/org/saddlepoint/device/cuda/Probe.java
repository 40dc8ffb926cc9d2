package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.ProbeNoise;

/** kernels/probe.cu. */
final class Probe {
    private final Kernel probe;
    private final Kernel estimate;

    Probe(KernelModule module) {
        probe = module.kernel("noise_probe");
        estimate = module.kernel("nes_estimate");
    }

    void run(ProbeNoise noise, int n, int d, Buffer point, @Nullable Buffer done, int number, Buffer x) {
        CudaBuffer from = Checked.floats(point, (long) n * d, "point");
        CudaBuffer indices = Checked.ints(noise.indices(), n, "indices");
        CudaBuffer scales = Checked.floatsOrNull(noise.scales(), n, "scales");
        CudaBuffer mask = Checked.intsOrNull(done, n, "done");
        CudaBuffer out = Checked.floats(x, (long) n * d, "x");
        if (n > 0) {
            probe.rows(n)
                    .with(noise.draw().ordinal())
                    .with(n)
                    .with(d)
                    .with(from)
                    .with(indices)
                    .with(noise.scale())
                    .with(scales)
                    .with(noise.random().seed())
                    .with(noise.random().word())
                    .with(number)
                    .with(mask)
                    .with(out)
                    .run();
        }
    }

    void estimate(
            int n,
            int d,
            Buffer point,
            Buffer x,
            Buffer base,
            Buffer loss,
            boolean first,
            @Nullable Buffer done,
            Buffer gradient) {
        CudaBuffer from = Checked.floats(point, (long) n * d, "point");
        CudaBuffer at = Checked.floats(x, (long) n * d, "x");
        CudaBuffer before = Checked.floats(base, n, "base");
        CudaBuffer after = Checked.floats(loss, n, "loss");
        CudaBuffer mask = Checked.intsOrNull(done, n, "done");
        CudaBuffer sum = Checked.floats(gradient, (long) n * d, "gradient");
        if (n > 0) {
            estimate.rows(n)
                    .with(n)
                    .with(d)
                    .with(from)
                    .with(at)
                    .with(before)
                    .with(after)
                    .with(first)
                    .with(mask)
                    .with(sum)
                    .run();
        }
    }
}
