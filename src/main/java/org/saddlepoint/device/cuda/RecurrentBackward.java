package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;
import org.saddlepoint.device.Recurrence;

/** kernels/recurrent_backward.cu. */
final class RecurrentBackward {
    private final Kernel kernel;
    private final Workspace workspace;

    RecurrentBackward(KernelModule module, Workspace workspace) {
        kernel = module.kernel("recurrent_backward");
        this.workspace = workspace;
    }

    void run(
            int n,
            Recurrence shape,
            Buffer gates,
            Buffer weights,
            Buffer states,
            @Nullable Buffer memory,
            Buffer dStates,
            boolean all,
            Buffer dGates,
            @Nullable Buffer dHidden) {
        Checks.memory(shape.kind(), memory);
        Checks.hiddenGradient(shape.kind(), dHidden);
        long cells = (long) n * shape.steps();
        int gateSize = shape.gateSize();
        int hidden = shape.hidden();
        CudaBuffer gate = Checked.floats(gates, cells * gateSize, "gates");
        CudaBuffer u = Checked.floats(weights, (long) gateSize * hidden, "weights");
        CudaBuffer h = Checked.floats(states, cells * hidden, "states");
        CudaBuffer memories = Checked.floatsOrNull(memory, cells * hidden, "memory");
        CudaBuffer dh = Checked.floats(dStates, (all ? cells : n) * hidden, "state gradient");
        CudaBuffer dg = Checked.floats(dGates, cells * gateSize, "gate gradient");
        CudaBuffer dHiddens = Checked.floatsOrNull(dHidden, cells * gateSize, "hidden gradient");
        if (n > 0) {
            CudaBuffer carry = workspace.floats(2L * n * hidden);
            kernel.blocks(Kernel.ceil(n, RecurrentForward.EXAMPLES), Kernel.THREADS)
                    .with(n)
                    .with(shape.kind().ordinal())
                    .with(shape.steps())
                    .with(hidden)
                    .with(gate)
                    .with(u)
                    .with(h)
                    .with(memories)
                    .with(dh)
                    .with(all)
                    .with(dg)
                    .with(dHiddens)
                    .with(carry)
                    .run();
        }
    }
}
