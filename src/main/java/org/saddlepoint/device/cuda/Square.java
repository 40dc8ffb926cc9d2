package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.SquareWindows;

/** kernels/square.cu. */
final class Square {
    private final Kernel start;
    private final Kernel proposal;

    Square(KernelModule module) {
        start = module.kernel("square_start");
        proposal = module.kernel("square_proposal");
    }

    void start(Loop loop, SquareWindows windows, float amplitude) {
        windows.require(loop.rule().norm());
        long length = (long) loop.n() * windows.size();
        CudaBuffer bumps = bumps(windows);
        CudaBuffer origin = Checked.floats(loop.origin(), length, "origin");
        CudaBuffer indices = Checked.ints(loop.indices(), loop.n(), "indices");
        CudaBuffer x = Checked.floats(loop.x(), length, "x");
        if (loop.n() > 0) {
            begin(start, loop, windows)
                    .with(bumps)
                    .with(amplitude)
                    .with(origin)
                    .with(indices)
                    .with(loop.rule().threat().epsilon())
                    .with(loop.random().seed())
                    .with(loop.random().in(loop.cursor()).word())
                    .with(loop.restart())
                    .with(x)
                    .run();
        }
    }

    void propose(Loop loop, SquareWindows windows, int query) {
        windows.require(loop.rule().norm());
        BestIterate best = loop.best();
        if (best == null) {
            throw new IllegalArgumentException("a search without a best iterate has no point to go on from");
        }
        long length = (long) loop.n() * windows.size();
        CudaBuffer bumps = bumps(windows);
        CudaBuffer origin = Checked.floats(loop.origin(), length, "origin");
        CudaBuffer point = Checked.floats(best.x(), length, "best x");
        CudaBuffer indices = Checked.ints(loop.indices(), loop.n(), "indices");
        CudaBuffer beaten = Checked.ints(best.beaten(), loop.n(), "beaten");
        CudaBuffer x = Checked.floats(loop.x(), length, "x");
        if (loop.n() > 0) {
            begin(proposal, loop, windows)
                    .with(bumps)
                    .with(origin)
                    .with(point)
                    .with(indices)
                    .with(loop.rule().threat().epsilon())
                    .with(loop.random().seed())
                    .with(loop.random().in(loop.cursor()).word())
                    .with(loop.restart() + query)
                    .with(beaten)
                    .with(x)
                    .run();
        }
    }

    /** A launch with norm, examples and sizes for its first arguments. */
    private static Launch begin(Kernel kernel, Loop loop, SquareWindows windows) {
        return kernel.rows(loop.n())
                .with(loop.rule().norm().ordinal())
                .with(loop.n())
                .with(windows.channels())
                .with(windows.height())
                .with(windows.width())
                .with(windows.rows())
                .with(windows.columns());
    }

    private static @Nullable CudaBuffer bumps(SquareWindows windows) {
        return Checked.floatsOrNull(windows.bumps(), 2L * windows.rows() * windows.columns(), "bumps");
    }
}
