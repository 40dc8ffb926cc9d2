package org.saddlepoint.device.cpu;

import static org.saddlepoint.device.cpu.CpuOperations.check;
import static org.saddlepoint.device.cpu.CpuOperations.floats;
import static org.saddlepoint.device.cpu.CpuOperations.optional;
import static org.saddlepoint.device.cpu.CpuOperations.unchecked;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.Recurrence;
import org.saddlepoint.device.SequenceOperations;

/** Recurrent layers over {@link CpuLibrary}. */
final class CpuSequenceOperations implements SequenceOperations {
    private final MemorySegment device;

    CpuSequenceOperations(MemorySegment device) {
        this.device = device;
    }

    @Override
    public void recurrentForward(
            int n,
            Recurrence shape,
            Buffer gates,
            Buffer weights,
            Buffer bias,
            Buffer states,
            @Nullable Buffer memory) {
        Checks.memory(shape.kind(), memory);
        long cells = (long) n * shape.steps();
        MemorySegment gate = floats(gates, cells * shape.gateSize(), "gates");
        MemorySegment u = floats(weights, (long) shape.gateSize() * shape.hidden(), "weights");
        MemorySegment c = floats(bias, shape.gateSize(), "bias");
        MemorySegment h = floats(states, cells * shape.hidden(), "states");
        MemorySegment memories = optional(memory, ElementType.FLOAT32, cells * shape.hidden(), "memory");
        int kind = shape.kind().ordinal();
        try {
            check("recurrent_forward", (int) CpuLibrary.RECURRENT_FORWARD.invokeExact(
                    device, (long) n, kind, (long) shape.steps(), (long) shape.hidden(), gate, u, c, h, memories));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void recurrentBackward(
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
        MemorySegment gate = floats(gates, cells * shape.gateSize(), "gates");
        MemorySegment u = floats(weights, (long) shape.gateSize() * shape.hidden(), "weights");
        MemorySegment h = floats(states, cells * shape.hidden(), "states");
        MemorySegment memories = optional(memory, ElementType.FLOAT32, cells * shape.hidden(), "memory");
        MemorySegment dh = floats(dStates, (all ? cells : n) * shape.hidden(), "state gradient");
        MemorySegment dg = floats(dGates, cells * shape.gateSize(), "gate gradient");
        MemorySegment dHiddens = optional(dHidden, ElementType.FLOAT32, cells * shape.gateSize(), "hidden gradient");
        int kind = shape.kind().ordinal();
        try {
            check("recurrent_backward", (int) CpuLibrary.RECURRENT_BACKWARD.invokeExact(
                    device,
                    (long) n,
                    kind,
                    (long) shape.steps(),
                    (long) shape.hidden(),
                    gate,
                    u,
                    h,
                    memories,
                    dh,
                    all ? 1 : 0,
                    dg,
                    dHiddens));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void recurrentWeightGradient(
            int n, Recurrence shape, Buffer states, Buffer dHidden, Buffer dWeights, Buffer dBias) {
        long cells = (long) n * shape.steps();
        MemorySegment h = floats(states, cells * shape.hidden(), "states");
        MemorySegment dg = floats(dHidden, cells * shape.gateSize(), "hidden gradient");
        MemorySegment du = floats(dWeights, (long) shape.gateSize() * shape.hidden(), "weight gradient");
        MemorySegment dc = floats(dBias, shape.gateSize(), "bias gradient");
        int kind = shape.kind().ordinal();
        try {
            check("recurrent_weight_gradient", (int) CpuLibrary.RECURRENT_WEIGHT_GRADIENT.invokeExact(
                    device, (long) n, kind, (long) shape.steps(), (long) shape.hidden(), h, dg, du, dc));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }
}
