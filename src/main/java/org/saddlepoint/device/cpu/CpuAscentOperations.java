package org.saddlepoint.device.cpu;

import static org.saddlepoint.device.ElementType.FLOAT32;
import static org.saddlepoint.device.ElementType.INT32;
import static org.saddlepoint.device.cpu.CpuOperations.floats;
import static org.saddlepoint.device.cpu.CpuOperations.optional;
import static org.saddlepoint.device.cpu.CpuOperations.segment;
import static org.saddlepoint.device.cpu.CpuOperations.unchecked;

import java.lang.foreign.MemorySegment;
import org.saddlepoint.device.Ascent;
import org.saddlepoint.device.AscentOperations;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.RandomStream;

/** APGD over {@link CpuLibrary}. */
final class CpuAscentOperations implements AscentOperations {
    private static final float NOT_FIRST = -1f;
    private static final int NO_CHECKPOINT = -1;

    private final MemorySegment device;

    CpuAscentOperations(MemorySegment device) {
        this.device = device;
    }

    private static MemorySegment values(Ascent ascent, Buffer buffer, String what) {
        return floats(buffer, (long) ascent.n() * ascent.d(), what);
    }

    private static MemorySegment beaten(Ascent ascent) {
        return ascent.known() == null
                ? MemorySegment.NULL
                : segment(ascent.known().beaten(), INT32, ascent.n(), "beaten");
    }

    @Override
    public void start(Ascent ascent, Buffer indices, RandomStream random, int restart) {
        MemorySegment origin = values(ascent, ascent.origin(), "origin");
        MemorySegment index = segment(indices, INT32, ascent.n(), "indices");
        MemorySegment x = values(ascent, ascent.x(), "x");
        int norm = ascent.threat().norm().ordinal();
        float epsilon = ascent.threat().epsilon();
        long n = ascent.n();
        long d = ascent.d();
        try {
            CpuOperations.check("ascent_start", (int) CpuLibrary.ASCENT_START.invokeExact(
                    device, norm, n, d, origin, index, epsilon, random.seed(), random.word(), restart, x));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void step(Ascent ascent, float momentum) {
        MemorySegment gradient = values(ascent, ascent.gradient(), "gradient");
        MemorySegment origin = values(ascent, ascent.origin(), "origin");
        MemorySegment state = floats(ascent.state(), (long) ascent.n() * Ascent.STATE, "state");
        MemorySegment zeros = ascent.known() == null
                ? MemorySegment.NULL
                : segment(ascent.known().zeroGradients(), INT32, ascent.n(), "zero gradients");
        MemorySegment beaten = beaten(ascent);
        MemorySegment workspace = optional(ascent.workspace(), FLOAT32, (long) ascent.n() * ascent.d(), "workspace");
        MemorySegment previous = values(ascent, ascent.previous(), "previous");
        MemorySegment x = values(ascent, ascent.x(), "x");
        int norm = ascent.threat().norm().ordinal();
        float epsilon = ascent.threat().epsilon();
        long n = ascent.n();
        long d = ascent.d();
        try {
            CpuOperations.check("ascent_step", (int) CpuLibrary.ASCENT_STEP.invokeExact(
                    device, norm, n, d, gradient, origin, state, momentum, epsilon, beaten, zeros, workspace, previous,
                    x));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void begin(Ascent ascent, Buffer loss, float stepSize) {
        account(ascent, loss, stepSize, NO_CHECKPOINT);
    }

    @Override
    public void keep(Ascent ascent, Buffer loss) {
        account(ascent, loss, NOT_FIRST, NO_CHECKPOINT);
    }

    @Override
    public void check(Ascent ascent, Buffer loss, int fewestRises) {
        account(ascent, loss, NOT_FIRST, fewestRises);
    }

    private void account(Ascent ascent, Buffer loss, float firstStep, int fewestRises) {
        MemorySegment value = floats(loss, ascent.n(), "loss");
        MemorySegment beaten = beaten(ascent);
        MemorySegment state = floats(ascent.state(), (long) ascent.n() * Ascent.STATE, "state");
        MemorySegment x = values(ascent, ascent.x(), "x");
        MemorySegment gradient = values(ascent, ascent.gradient(), "gradient");
        MemorySegment previous = values(ascent, ascent.previous(), "previous");
        MemorySegment best = values(ascent, ascent.best(), "best");
        MemorySegment bestGradient = values(ascent, ascent.bestGradient(), "best gradient");
        long n = ascent.n();
        long d = ascent.d();
        try {
            CpuOperations.check("ascent_check", (int) CpuLibrary.ASCENT_CHECK.invokeExact(
                    device,
                    n,
                    d,
                    value,
                    firstStep,
                    fewestRises,
                    beaten,
                    state,
                    x,
                    gradient,
                    previous,
                    best,
                    bestGradient));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }
}
