package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;
import org.saddlepoint.device.LossOperations;

/** Losses towards one class as launches. */
final class CudaLossOperations implements LossOperations {
    private final CudaDriver driver;
    private final Launchers launchers;

    CudaLossOperations(CudaDriver driver, Launchers launchers) {
        this.driver = driver;
        this.launchers = launchers;
    }

    @Override
    public void dlr(
            int n,
            int c,
            Buffer logits,
            Buffer labels,
            float factor,
            @Nullable Buffer loss,
            @Nullable Buffer gradient) {
        Checks.ratio(c, false);
        driver.run(() -> launchers.targetLoss.run(TargetLoss.DLR, n, c, logits, labels, null, factor, loss, gradient));
    }

    @Override
    public void targetLoss(
            TargetLoss kind,
            int n,
            int c,
            Buffer logits,
            Buffer labels,
            Buffer targets,
            float factor,
            @Nullable Buffer loss,
            @Nullable Buffer gradient) {
        if (kind == TargetLoss.DLR) {
            Checks.ratio(c, true);
        }
        driver.run(() -> launchers.targetLoss.run(kind, n, c, logits, labels, targets, factor, loss, gradient));
    }

    @Override
    public void rankedClass(int n, int c, Buffer logits, Buffer labels, int rank, Buffer out) {
        Checks.rank(rank, c);
        driver.run(() -> launchers.rankedClass.run(n, c, logits, labels, rank, out));
    }
}
