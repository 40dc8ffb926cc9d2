package org.saddlepoint.train;

import org.saddlepoint.attack.Attack;

/**
 * Adversarial training (Madry et al. 2018, eq. 2.1): every batch is attacked with the weights as they are, and the weights
 * are moved against what the attack found.
 */
public final class AdversarialTraining {
    private AdversarialTraining() {}

    /**
     * Training against an attack. Its last iterate is used, the worst of its restarts, and no verdict is spent on it.
     *
     * @param attack the attack on every batch
     * @return settings, to be completed: Adam 0.001, cross-entropy, batch 32, 10 epochs, seed 1
     */
    public static Training with(Attack attack) {
        return Training.standard().attack(attack);
    }
}
