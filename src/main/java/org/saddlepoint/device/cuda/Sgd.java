package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Operations.SgdSettings;

/** kernels/sgd.cu. */
final class Sgd {
    private final Kernel kernel;

    Sgd(KernelModule module) {
        kernel = module.kernel("sgd");
    }

    /** With a cursor, learning rate and number of the step come from its table; they must not depend on the host then. */
    void run(
            long length,
            Buffer gradient,
            SgdSettings settings,
            long step,
            @Nullable CudaCursor cursor,
            @Nullable Buffer velocity,
            Buffer parameters) {
        if (settings.momentum() > 0 && velocity == null) {
            throw new IllegalArgumentException("momentum " + settings.momentum() + " needs a velocity");
        }
        CudaBuffer g = Checked.floats(gradient, length, "gradient");
        CudaBuffer v = Checked.floatsOrNull(velocity, length, "velocity");
        CudaBuffer p = Checked.floats(parameters, length, "parameters");
        if (length > 0) {
            kernel.fours(length)
                    .with(length)
                    .with(g)
                    .with(settings.learningRate())
                    .with(settings.momentum())
                    .with(settings.nesterov())
                    .with(settings.weightDecay())
                    .with(step == 1)
                    .with(cursor == null ? null : cursor.table())
                    .with(cursor == null ? null : cursor.place())
                    .with(v)
                    .with(p)
                    .run();
        }
    }
}
