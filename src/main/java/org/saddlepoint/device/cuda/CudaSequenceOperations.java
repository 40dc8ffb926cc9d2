package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Recurrence;
import org.saddlepoint.device.SequenceOperations;

/** Recurrent layers as launches. */
final class CudaSequenceOperations implements SequenceOperations {
    private final CudaDriver driver;
    private final Launchers launchers;

    CudaSequenceOperations(CudaDriver driver, Launchers launchers) {
        this.driver = driver;
        this.launchers = launchers;
    }

    @Override
    public void recurrentForward(
            int n,
            Recurrence shape,
            Buffer gates,
            Buffer weights,
            Buffer bias,
            Buffer states,
            @Nullable Buffer memory) {
        driver.run(() -> launchers.recurrentForward.run(n, shape, gates, weights, bias, states, memory));
    }

    @Override
    public void recurrentBackward(
            int n,
            Recurrence shape,
            Buffer gates,
            Buffer weights,
            Buffer states,
            @Nullable Buffer memory,
            Buffer dStates,
            boolean all,
            Buffer dGates,
            @Nullable Buffer dHidden) {
        driver.run(() -> launchers.recurrentBackward.run(
                n, shape, gates, weights, states, memory, dStates, all, dGates, dHidden));
    }

    @Override
    public void recurrentWeightGradient(
            int n, Recurrence shape, Buffer states, Buffer dHidden, Buffer dWeights, Buffer dBias) {
        driver.run(() -> launchers.recurrentWeightGradient.run(n, shape, states, dHidden, dWeights, dBias));
    }
}
