package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Operations.AdamSettings;

/** kernels/adam.cu. */
final class Adam {
    private final Kernel kernel;

    Adam(KernelModule module) {
        kernel = module.kernel("adam");
    }

    /** With a cursor, what follows from learning rate and number of the step comes from its table. */
    void run(
            long length,
            Buffer gradient,
            AdamSettings settings,
            long step,
            @Nullable CudaCursor cursor,
            Buffer m,
            Buffer v,
            Buffer parameters) {
        CudaBuffer g = Checked.floats(gradient, length, "gradient");
        CudaBuffer first = Checked.floats(m, length, "m");
        CudaBuffer second = Checked.floats(v, length, "v");
        CudaBuffer p = Checked.floats(parameters, length, "parameters");
        AdamFactors factors = AdamFactors.of(settings, step);
        if (length > 0) {
            kernel.fours(length)
                    .with(length)
                    .with(g)
                    .with(factors.stepSize())
                    .with(factors.rootCorrection())
                    .with(settings.beta1())
                    .with(settings.beta2())
                    .with(settings.stabilizer())
                    .with(factors.coupledDecay())
                    .with(factors.decoupledFactor())
                    .with(cursor == null ? null : cursor.table())
                    .with(cursor == null ? null : cursor.place())
                    .with(first)
                    .with(second)
                    .with(p)
                    .run();
        }
    }
}
