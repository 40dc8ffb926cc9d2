package org.saddlepoint.device.cpu;

import static org.saddlepoint.device.ElementType.FLOAT32;
import static org.saddlepoint.device.cpu.CpuOperations.check;
import static org.saddlepoint.device.cpu.CpuOperations.floats;
import static org.saddlepoint.device.cpu.CpuOperations.ints;
import static org.saddlepoint.device.cpu.CpuOperations.optional;
import static org.saddlepoint.device.cpu.CpuOperations.unchecked;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.DivergenceOperations;
import org.saddlepoint.device.Loop;

/** TRADES over {@link CpuLibrary}. */
final class CpuDivergenceOperations implements DivergenceOperations {
    private final MemorySegment device;

    CpuDivergenceOperations(MemorySegment device) {
        this.device = device;
    }

    @Override
    public void divergence(
            int n,
            int c,
            Buffer logits,
            Buffer reference,
            float factor,
            @Nullable Buffer loss,
            @Nullable Buffer gradient) {
        MemorySegment z = floats(logits, (long) n * c, "logits");
        MemorySegment from = floats(reference, (long) n * c, "reference");
        MemorySegment value = optional(loss, FLOAT32, n, "loss");
        MemorySegment dz = optional(gradient, FLOAT32, (long) n * c, "gradient");
        try {
            check("divergence", (int)
                    CpuLibrary.DIVERGENCE.invokeExact(device, (long) n, (long) c, z, from, factor, value, dz));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void trades(
            int n, int c, Buffer logits, Buffer labels, float beta, float factor, Buffer loss, Buffer gradient) {
        MemorySegment z = floats(logits, 2L * n * c, "logits");
        MemorySegment y = CpuOperations.labels(labels, n, c);
        MemorySegment value = floats(loss, n, "loss");
        MemorySegment dz = floats(gradient, 2L * n * c, "gradient");
        try {
            check("trades", (int)
                    CpuLibrary.TRADES.invokeExact(device, (long) n, (long) c, z, y, beta, factor, value, dz));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void gaussianStart(Loop loop, int d, float deviation) {
        MemorySegment origin = floats(loop.origin(), (long) loop.n() * d, "origin");
        MemorySegment indices = ints(loop.indices(), loop.n(), "indices");
        MemorySegment x = floats(loop.x(), (long) loop.n() * d, "x");
        int norm = loop.rule().norm().ordinal();
        float epsilon = loop.rule().threat().epsilon();
        try {
            check("gaussian_start", (int) CpuLibrary.GAUSSIAN_START.invokeExact(
                    device,
                    norm,
                    (long) loop.n(),
                    (long) d,
                    origin,
                    indices,
                    deviation,
                    epsilon,
                    loop.random().seed(),
                    loop.random().word(),
                    loop.restart(),
                    x));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }
}
