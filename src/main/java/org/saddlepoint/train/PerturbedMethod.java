package org.saddlepoint.train;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.AttackBatch;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Operations;

/** Descends the loss of what an attack leaves of the examples (Madry et al. 2018, eq. 2.1); without one, of the examples. */
final class PerturbedMethod implements Method {
    private final Workplace at;

    PerturbedMethod(Workplace at) {
        this.at = at;
    }

    @Override
    public void step(int epoch, int n, @Nullable Attack attack) {
        Buffer x = perturbed(epoch, n, attack);
        at.model()
                .update(at.update(n, x, at.batch().indices(), n), at.settings().loss());
    }

    /** What this batch trains on: the first examples attacked, the clean share at the end as it is. */
    private Buffer perturbed(int epoch, int n, @Nullable Attack attack) {
        AttackBatch batch = at.batch();
        Operations operations = at.operations();
        int attacked = attack == null ? 0 : n - (int) Math.round(at.settings().cleanShare() * n);
        if (attack == null || attacked == 0) {
            return batch.origin();
        }
        long d = batch.features();
        operations.copy(n * d, batch.origin(), batch.x());
        BestIterate best = batch.best();
        if (best != null) {
            // Where no iterate is better than none (a loss that is no number), the original is trained on.
            operations.copy(attacked * d, batch.origin(), best.x());
        }
        at.beginAttack(attacked, epoch);
        attack.perturbForTraining(batch);
        return batch.x();
    }
}
