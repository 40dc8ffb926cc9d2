package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.MomentumOperations;
import org.saddlepoint.device.PenaltyDescent;

/** Steps with a memory as launches. */
final class CudaMomentumOperations implements MomentumOperations {
    private final CudaDriver driver;
    private final Launchers launchers;

    CudaMomentumOperations(CudaDriver driver, Launchers launchers) {
        this.driver = driver;
        this.launchers = launchers;
    }

    @Override
    public void accumulate(int n, int d, Buffer gradient, float decay, @Nullable BestIterate known, Buffer momentum) {
        driver.run(() -> launchers.momentum.run(n, d, gradient, decay, known, momentum));
    }

    @Override
    public void beginRun(PenaltyDescent descent, boolean begins) {
        driver.run(() -> launchers.penaltySearch.run(descent, begins));
    }

    @Override
    public void step(PenaltyDescent descent, Buffer margin, Buffer gradient, int iteration, int step, boolean check) {
        driver.run(() -> launchers.penaltyStep.run(descent, margin, gradient, iteration, step, check));
    }
}
