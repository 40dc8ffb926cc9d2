package org.saddlepoint.device.cuda;

import org.saddlepoint.device.BoundaryOperations;
import org.saddlepoint.device.BoundaryWalk;
import org.saddlepoint.device.Buffer;

/** FAB as launches. */
final class CudaBoundaryOperations implements BoundaryOperations {
    private final CudaDriver driver;
    private final Launchers launchers;

    CudaBoundaryOperations(CudaDriver driver, Launchers launchers) {
        this.driver = driver;
        this.launchers = launchers;
    }

    @Override
    public void step(BoundaryWalk walk, int d, int c, Buffer logits, Buffer direction, Buffer gradient) {
        driver.run(() -> launchers.boundaryStep.run(walk, d, c, logits, direction, gradient));
    }

    @Override
    public void keepClosest(BoundaryWalk walk, int d, int c, Buffer logits, int step) {
        driver.run(() -> launchers.keepClosest.run(walk, d, c, logits, step));
    }
}
