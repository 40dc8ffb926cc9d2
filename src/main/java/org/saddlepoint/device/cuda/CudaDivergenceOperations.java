package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.DivergenceOperations;
import org.saddlepoint.device.Loop;

/** TRADES as launches. */
final class CudaDivergenceOperations implements DivergenceOperations {
    private final CudaDriver driver;
    private final Launchers launchers;

    CudaDivergenceOperations(CudaDriver driver, Launchers launchers) {
        this.driver = driver;
        this.launchers = launchers;
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
        driver.run(() -> launchers.divergence.run(n, c, logits, reference, factor, loss, gradient));
    }

    @Override
    public void trades(
            int n, int c, Buffer logits, Buffer labels, float beta, float factor, Buffer loss, Buffer gradient) {
        driver.run(() -> launchers.trades.run(n, c, logits, labels, beta, factor, loss, gradient));
    }

    @Override
    public void gaussianStart(Loop loop, int d, float deviation) {
        driver.run(() -> launchers.gaussianStart.run(loop, d, deviation));
    }
}
