package org.saddlepoint.device.cpu;

import static org.saddlepoint.device.cpu.CpuOperations.check;
import static org.saddlepoint.device.cpu.CpuOperations.floats;
import static org.saddlepoint.device.cpu.CpuOperations.ints;
import static org.saddlepoint.device.cpu.CpuOperations.unchecked;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.MomentumOperations;
import org.saddlepoint.device.PenaltyDescent;

/** Steps with a memory over {@link CpuLibrary}. */
final class CpuMomentumOperations implements MomentumOperations {
    private final MemorySegment device;

    CpuMomentumOperations(MemorySegment device) {
        this.device = device;
    }

    @Override
    public void accumulate(int n, int d, Buffer gradient, float decay, @Nullable BestIterate known, Buffer momentum) {
        MemorySegment g = floats(gradient, (long) n * d, "gradient");
        MemorySegment beaten = known == null ? MemorySegment.NULL : ints(known.beaten(), n, "beaten");
        MemorySegment zeros = known == null ? MemorySegment.NULL : ints(known.zeroGradients(), n, "zero gradients");
        MemorySegment m = floats(momentum, (long) n * d, "momentum");
        try {
            check("momentum", (int)
                    CpuLibrary.MOMENTUM.invokeExact(device, (long) n, (long) d, g, decay, beaten, zeros, m));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void beginRun(PenaltyDescent descent, boolean begins) {
        long n = descent.n();
        long d = descent.d();
        MemorySegment origin = floats(descent.origin(), n * d, "origin");
        MemorySegment beaten = ints(descent.best().beaten(), descent.n(), "beaten");
        MemorySegment state = floats(descent.state(), n * PenaltyDescent.STATE, "state");
        MemorySegment done = ints(descent.done(), descent.n(), "done");
        MemorySegment x = floats(descent.x(), n * d, "x");
        MemorySegment w = floats(descent.w(), n * d, "w");
        MemorySegment first = floats(descent.first(), n * d, "first moment");
        MemorySegment second = floats(descent.second(), n * d, "second moment");
        int anew = begins ? 1 : 0;
        int minimal = descent.rule().minimal() ? 1 : 0;
        float initial = descent.rule().initial();
        try {
            check("penalty_search", (int) CpuLibrary.PENALTY_SEARCH.invokeExact(
                    device, n, d, origin, anew, initial, minimal, beaten, state, done, x, w, first, second));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void step(PenaltyDescent descent, Buffer margin, Buffer gradient, int iteration, int step, boolean check) {
        long n = descent.n();
        long d = descent.d();
        PenaltyDescent.Rule rule = descent.rule();
        MemorySegment value = floats(margin, n, "margin");
        MemorySegment g = floats(gradient, n * d, "gradient");
        MemorySegment origin = floats(descent.origin(), n * d, "origin");
        MemorySegment state = floats(descent.state(), n * PenaltyDescent.STATE, "state");
        MemorySegment done = ints(descent.done(), descent.n(), "done");
        MemorySegment x = floats(descent.x(), n * d, "x");
        MemorySegment w = floats(descent.w(), n * d, "w");
        MemorySegment first = floats(descent.first(), n * d, "first moment");
        MemorySegment second = floats(descent.second(), n * d, "second moment");
        MemorySegment bestX = floats(descent.best().x(), n * d, "best x");
        MemorySegment objective = floats(descent.best().objective(), n, "best objective");
        MemorySegment beaten = ints(descent.best().beaten(), descent.n(), "beaten");
        MemorySegment zeros = ints(descent.best().zeroGradients(), descent.n(), "zero gradients");
        int targeted = rule.targeted() ? 1 : 0;
        int minimal = rule.minimal() ? 1 : 0;
        int checks = check ? 1 : 0;
        try {
            check("penalty_step", (int) CpuLibrary.PENALTY_STEP.invokeExact(
                    device,
                    n,
                    d,
                    value,
                    g,
                    origin,
                    targeted,
                    rule.confidence(),
                    rule.epsilon(),
                    minimal,
                    rule.stepSize(iteration),
                    rule.rootCorrection(iteration),
                    step,
                    checks,
                    state,
                    done,
                    x,
                    w,
                    first,
                    second,
                    bestX,
                    objective,
                    beaten,
                    zeros));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }
}
