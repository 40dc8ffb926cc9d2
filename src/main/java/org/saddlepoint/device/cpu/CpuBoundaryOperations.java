package org.saddlepoint.device.cpu;

import static org.saddlepoint.device.cpu.CpuOperations.check;
import static org.saddlepoint.device.cpu.CpuOperations.floats;
import static org.saddlepoint.device.cpu.CpuOperations.ints;
import static org.saddlepoint.device.cpu.CpuOperations.labels;
import static org.saddlepoint.device.cpu.CpuOperations.unchecked;

import java.lang.foreign.MemorySegment;
import org.saddlepoint.device.BoundaryOperations;
import org.saddlepoint.device.BoundaryWalk;
import org.saddlepoint.device.Buffer;

/** FAB over {@link CpuLibrary}. */
final class CpuBoundaryOperations implements BoundaryOperations {
    private final MemorySegment device;

    CpuBoundaryOperations(MemorySegment device) {
        this.device = device;
    }

    @Override
    public void step(BoundaryWalk walk, int d, int c, Buffer logits, Buffer direction, Buffer gradient) {
        int n = walk.n();
        BoundaryWalk.Rule rule = walk.rule();
        int norm = rule.threat().norm().ordinal();
        MemorySegment z = floats(logits, (long) n * c, "logits");
        MemorySegment towards = floats(direction, (long) n * c, "direction");
        MemorySegment w = floats(gradient, (long) n * d, "gradient");
        MemorySegment origin = floats(walk.origin(), (long) n * d, "origin");
        MemorySegment beaten =
                rule.minimal() ? MemorySegment.NULL : ints(walk.best().beaten(), n, "beaten");
        MemorySegment zeros = ints(walk.best().zeroGradients(), n, "zero gradients");
        MemorySegment x = floats(walk.x(), (long) n * d, "x");
        try {
            check("boundary_step", (int) CpuLibrary.BOUNDARY_STEP.invokeExact(
                    device,
                    norm,
                    (long) n,
                    (long) d,
                    (long) c,
                    z,
                    towards,
                    w,
                    origin,
                    rule.mostOrigin(),
                    rule.overshoot(),
                    beaten,
                    zeros,
                    x));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void keepClosest(BoundaryWalk walk, int d, int c, Buffer logits, int step) {
        int n = walk.n();
        BoundaryWalk.Rule rule = walk.rule();
        int norm = rule.threat().norm().ordinal();
        MemorySegment z = floats(logits, (long) n * c, "logits");
        MemorySegment origin = floats(walk.origin(), (long) n * d, "origin");
        MemorySegment classes = labels(walk.labels(), n, c);
        int minimal = rule.minimal() ? 1 : 0;
        MemorySegment x = floats(walk.x(), (long) n * d, "x");
        MemorySegment bestX = floats(walk.best().x(), (long) n * d, "best x");
        MemorySegment objective = floats(walk.best().objective(), n, "best objective");
        MemorySegment beaten = ints(walk.best().beaten(), n, "beaten");
        try {
            check("keep_closest", (int) CpuLibrary.KEEP_CLOSEST.invokeExact(
                    device,
                    norm,
                    (long) n,
                    (long) d,
                    (long) c,
                    z,
                    origin,
                    classes,
                    rule.threat().epsilon(),
                    rule.pull(),
                    minimal,
                    step,
                    x,
                    bestX,
                    objective,
                    beaten));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }
}
