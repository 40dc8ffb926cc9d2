package org.saddlepoint.device.cpu;

import static org.saddlepoint.device.cpu.CpuOperations.check;
import static org.saddlepoint.device.cpu.CpuOperations.floats;
import static org.saddlepoint.device.cpu.CpuOperations.ints;
import static org.saddlepoint.device.cpu.CpuOperations.optional;
import static org.saddlepoint.device.cpu.CpuOperations.unchecked;

import java.lang.foreign.MemorySegment;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.SearchOperations;
import org.saddlepoint.device.SquareWindows;

/** Random search over {@link CpuLibrary}. */
final class CpuSearchOperations implements SearchOperations {
    private final MemorySegment device;

    CpuSearchOperations(MemorySegment device) {
        this.device = device;
    }

    @Override
    public void squareStart(Loop loop, SquareWindows windows, float amplitude) {
        windows.require(loop.rule().norm());
        long length = (long) loop.n() * windows.size();
        MemorySegment bumps = bumps(windows);
        MemorySegment origin = floats(loop.origin(), length, "origin");
        MemorySegment indices = ints(loop.indices(), loop.n(), "indices");
        MemorySegment x = floats(loop.x(), length, "x");
        try {
            check("square_start", (int) CpuLibrary.SQUARE_START.invokeExact(
                    device,
                    loop.rule().norm().ordinal(),
                    (long) loop.n(),
                    (long) windows.channels(),
                    (long) windows.height(),
                    (long) windows.width(),
                    (long) windows.rows(),
                    (long) windows.columns(),
                    bumps,
                    amplitude,
                    origin,
                    indices,
                    loop.rule().threat().epsilon(),
                    loop.random().seed(),
                    loop.random().in(loop.cursor()).word(),
                    loop.restart(),
                    x));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void squareProposal(Loop loop, SquareWindows windows, int query) {
        windows.require(loop.rule().norm());
        BestIterate best = loop.best();
        if (best == null) {
            throw new IllegalArgumentException("a search without a best iterate has no point to go on from");
        }
        long length = (long) loop.n() * windows.size();
        MemorySegment bumps = bumps(windows);
        MemorySegment origin = floats(loop.origin(), length, "origin");
        MemorySegment point = floats(best.x(), length, "best x");
        MemorySegment indices = ints(loop.indices(), loop.n(), "indices");
        MemorySegment beaten = ints(best.beaten(), loop.n(), "beaten");
        MemorySegment x = floats(loop.x(), length, "x");
        try {
            check("square_proposal", (int) CpuLibrary.SQUARE_PROPOSAL.invokeExact(
                    device,
                    loop.rule().norm().ordinal(),
                    (long) loop.n(),
                    (long) windows.channels(),
                    (long) windows.height(),
                    (long) windows.width(),
                    (long) windows.rows(),
                    (long) windows.columns(),
                    bumps,
                    origin,
                    point,
                    indices,
                    loop.rule().threat().epsilon(),
                    loop.random().seed(),
                    loop.random().in(loop.cursor()).word(),
                    loop.restart() + query,
                    beaten,
                    x));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    private static MemorySegment bumps(SquareWindows windows) {
        return optional(windows.bumps(), ElementType.FLOAT32, 2L * windows.rows() * windows.columns(), "bumps");
    }
}
