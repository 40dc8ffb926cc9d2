package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Recurrence;

/** kernels/recurrent_weight_gradient.cu. */
final class RecurrentWeightGradient {
    private static final int TILE = 32;
    private static final int THREADS = 128;

    private final CudaDriver driver;
    private final Kernel kernel;

    RecurrentWeightGradient(CudaDriver driver, KernelModule module) {
        this.driver = driver;
        kernel = module.kernel("recurrent_weight_gradient");
    }

    void run(int n, Recurrence shape, Buffer states, Buffer dHidden, Buffer dWeights, Buffer dBias) {
        long cells = (long) n * shape.steps();
        int gateSize = shape.gateSize();
        int hidden = shape.hidden();
        CudaBuffer h = Checked.floats(states, cells * hidden, "states");
        CudaBuffer given = Checked.floats(dHidden, cells * gateSize, "hidden gradient");
        CudaBuffer du = Checked.floats(dWeights, (long) gateSize * hidden, "weight gradient");
        CudaBuffer dc = Checked.floats(dBias, gateSize, "bias gradient");
        if (n == 0) {
            driver.fill(du, 0, (long) gateSize * hidden);
            driver.fill(dc, 0, gateSize);
            return;
        }
        kernel.grid(Kernel.ceil(gateSize, TILE), Kernel.ceil(hidden, TILE), THREADS, 0)
                .with(n)
                .with(shape.steps())
                .with(hidden)
                .with(gateSize)
                .with(h)
                .with(given)
                .with(du)
                .with(dc)
                .run();
    }
}
