package org.saddlepoint.attack;

import java.util.List;
import org.saddlepoint.threat.ThreatModel;

/**
 * Attacks that are run one after another, each on the examples that none before it has beaten: one verdict, at the price of
 * the hard examples alone.
 *
 * @param name how results call it
 * @param attacks in the order in which they run, at least one, all of one threat model
 */
public record Ensemble(String name, List<Attack> attacks) {
    /** Checks that the attacks belong together. */
    public Ensemble {
        attacks = List.copyOf(attacks);
        if (attacks.isEmpty()) {
            throw new IllegalArgumentException("the ensemble " + name + " holds no attack");
        }
        for (Attack attack : attacks) {
            if (!attack.threat().equals(attacks.getFirst().threat())) {
                throw new IllegalArgumentException("the ensemble " + name + " mixes threat models: "
                        + attacks.getFirst().threat() + " and " + attack.threat());
            }
        }
    }

    /**
     * What its attacks may do.
     *
     * @return norm and radius
     */
    public ThreatModel threat() {
        return attacks.getFirst().threat();
    }
}
