package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;
import org.saddlepoint.device.Recurrence;

/** kernels/recurrent_forward.cu. */
final class RecurrentForward {
    /** Examples of a block. */
    static final int EXAMPLES = 8;

    private static final int TILE = 32;

    private final Kernel transpose;
    private final Kernel forward;
    private final Workspace workspace;

    RecurrentForward(KernelModule module, Workspace workspace) {
        transpose = module.kernel("recurrent_transpose");
        forward = module.kernel("recurrent_forward");
        this.workspace = workspace;
    }

    void run(
            int n,
            Recurrence shape,
            Buffer gates,
            Buffer weights,
            Buffer bias,
            Buffer states,
            @Nullable Buffer memory) {
        Checks.memory(shape.kind(), memory);
        long cells = (long) n * shape.steps();
        int gateSize = shape.gateSize();
        int hidden = shape.hidden();
        CudaBuffer gate = Checked.floats(gates, cells * gateSize, "gates");
        CudaBuffer u = Checked.floats(weights, (long) gateSize * hidden, "weights");
        CudaBuffer c = Checked.floats(bias, gateSize, "bias");
        CudaBuffer h = Checked.floats(states, cells * hidden, "states");
        CudaBuffer memories = Checked.floatsOrNull(memory, cells * hidden, "memory");
        if (n == 0) {
            return;
        }
        long padded = 4 * Kernel.ceil(gateSize, 4);
        CudaBuffer transposed = workspace.floats(hidden * padded);
        transpose
                .grid(Kernel.ceil(hidden, TILE), Kernel.ceil(padded, TILE), Kernel.THREADS, 0)
                .with(gateSize)
                .with(hidden)
                .with(u)
                .with(transposed)
                .run();
        forward.blocks(Kernel.ceil(n, EXAMPLES), Kernel.THREADS)
                .with(n)
                .with(shape.kind().ordinal())
                .with(shape.steps())
                .with(hidden)
                .with(gate)
                .with(transposed)
                .with(c)
                .with(h)
                .with(memories)
                .run();
    }
}
