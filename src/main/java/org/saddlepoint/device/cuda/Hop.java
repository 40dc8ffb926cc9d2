package org.saddlepoint.device.cuda;

import org.saddlepoint.device.BoundaryHop;
import org.saddlepoint.device.Buffer;

/** kernels/hop.cu. */
final class Hop {
    private final Kernel turn;
    private final Kernel propose;
    private final Kernel judge;

    Hop(KernelModule module) {
        turn = module.kernel("hop_turn");
        propose = module.kernel("hop_propose");
        judge = module.kernel("hop_judge");
    }

    void turn(BoundaryHop hop, int d, BoundaryHop.Phase phase, int iteration) {
        int n = hop.n();
        CudaBuffer origin = Checked.floats(hop.origin(), (long) n * d, "origin");
        CudaBuffer objective = Checked.floats(hop.best().objective(), n, "best objective");
        CudaBuffer beaten = Checked.ints(hop.best().beaten(), n, "beaten");
        CudaBuffer point = Checked.floats(hop.point(), (long) n * d, "point");
        CudaBuffer toward = Checked.floats(hop.toward(), (long) n * d, "toward");
        CudaBuffer away = Checked.floats(hop.away(), (long) n * d, "away");
        CudaBuffer bracket = Checked.floats(hop.bracket(), 2L * n, "bracket");
        CudaBuffer size = Checked.floats(hop.size(), n, "size");
        CudaBuffer counts = Checked.ints(hop.counts(), 3L * n, "counts");
        CudaBuffer done = Checked.ints(hop.done(), n, "done");
        if (n > 0) {
            turn.rows(n)
                    .with(phase.ordinal())
                    .with(hop.rule().threat().norm().ordinal())
                    .with(n)
                    .with(d)
                    .with(iteration)
                    .with(hop.rule().queries())
                    .with(hop.rule().minimal())
                    .with(origin)
                    .with(objective)
                    .with(beaten)
                    .with(point)
                    .with(toward)
                    .with(away)
                    .with(bracket)
                    .with(size)
                    .with(counts)
                    .with(done)
                    .run();
        }
    }

    void propose(BoundaryHop hop, int d, BoundaryHop.Phase phase) {
        int n = hop.n();
        CudaBuffer origin = Checked.floats(hop.origin(), (long) n * d, "origin");
        CudaBuffer point = Checked.floats(hop.point(), (long) n * d, "point");
        CudaBuffer toward = Checked.floats(hop.toward(), (long) n * d, "toward");
        CudaBuffer bracket = Checked.floats(hop.bracket(), 2L * n, "bracket");
        CudaBuffer size = Checked.floats(hop.size(), n, "size");
        CudaBuffer done = Checked.ints(hop.done(), n, "done");
        CudaBuffer x = Checked.floats(hop.x(), (long) n * d, "x");
        if (n > 0) {
            propose.rows(n)
                    .with(phase.ordinal())
                    .with(hop.rule().threat().norm().ordinal())
                    .with(n)
                    .with(d)
                    .with(origin)
                    .with(point)
                    .with(toward)
                    .with(bracket)
                    .with(size)
                    .with(done)
                    .with(x)
                    .run();
        }
    }

    void judge(BoundaryHop hop, int d, int c, Buffer logits, BoundaryHop.Phase phase) {
        int n = hop.n();
        CudaBuffer z = Checked.floats(logits, (long) n * c, "logits");
        CudaBuffer origin = Checked.floats(hop.origin(), (long) n * d, "origin");
        CudaBuffer labels = Checked.ints(hop.labels(), n, "labels");
        CudaBuffer x = Checked.floats(hop.x(), (long) n * d, "x");
        CudaBuffer point = Checked.floats(hop.point(), (long) n * d, "point");
        CudaBuffer toward = Checked.floats(hop.toward(), (long) n * d, "toward");
        CudaBuffer away = Checked.floats(hop.away(), (long) n * d, "away");
        CudaBuffer bracket = Checked.floats(hop.bracket(), 2L * n, "bracket");
        CudaBuffer size = Checked.floats(hop.size(), n, "size");
        CudaBuffer counts = Checked.ints(hop.counts(), 3L * n, "counts");
        CudaBuffer done = Checked.ints(hop.done(), n, "done");
        CudaBuffer bestX = Checked.floats(hop.best().x(), (long) n * d, "best x");
        CudaBuffer objective = Checked.floats(hop.best().objective(), n, "best objective");
        CudaBuffer beaten = Checked.ints(hop.best().beaten(), n, "beaten");
        if (n > 0) {
            judge.rows(n)
                    .with(phase.ordinal())
                    .with(hop.rule().threat().norm().ordinal())
                    .with(n)
                    .with(d)
                    .with(c)
                    .with(z)
                    .with(origin)
                    .with(labels)
                    .with(hop.rule().threat().epsilon())
                    .with(hop.rule().queries())
                    .with(hop.rule().minimal())
                    .with(x)
                    .with(point)
                    .with(toward)
                    .with(away)
                    .with(bracket)
                    .with(size)
                    .with(counts)
                    .with(done)
                    .with(bestX)
                    .with(objective)
                    .with(beaten)
                    .run();
        }
    }
}
