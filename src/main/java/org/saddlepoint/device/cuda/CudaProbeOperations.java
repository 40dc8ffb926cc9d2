package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.BoundaryHop;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.ProbeNoise;
import org.saddlepoint.device.ProbeOperations;

/** Probes as launches. */
final class CudaProbeOperations implements ProbeOperations {
    private final CudaDriver driver;
    private final Launchers launchers;

    CudaProbeOperations(CudaDriver driver, Launchers launchers) {
        this.driver = driver;
        this.launchers = launchers;
    }

    @Override
    public void probe(ProbeNoise noise, int n, int d, Buffer point, @Nullable Buffer done, int number, Buffer x) {
        driver.run(() -> launchers.probe.run(noise, n, d, point, done, number, x));
    }

    @Override
    public void estimate(
            int n,
            int d,
            Buffer point,
            Buffer x,
            Buffer base,
            Buffer loss,
            boolean first,
            @Nullable Buffer done,
            Buffer gradient) {
        driver.run(() -> launchers.probe.estimate(n, d, point, x, base, loss, first, done, gradient));
    }

    @Override
    public void hopTurn(BoundaryHop hop, int d, BoundaryHop.Phase phase, int iteration) {
        driver.run(() -> launchers.hop.turn(hop, d, phase, iteration));
    }

    @Override
    public void hopPropose(BoundaryHop hop, int d, BoundaryHop.Phase phase) {
        driver.run(() -> launchers.hop.propose(hop, d, phase));
    }

    @Override
    public void hopJudge(BoundaryHop hop, int d, int c, Buffer logits, BoundaryHop.Phase phase) {
        driver.run(() -> launchers.hop.judge(hop, d, c, logits, phase));
    }
}
