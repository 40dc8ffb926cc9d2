package org.saddlepoint.attack;

import org.saddlepoint.threat.ThreatModel;

/**
 * What an attack found, example by example. Everything here was measured on the returned inputs: labels and losses by a
 * clean forward pass, distances in double on the stored values.
 *
 * @param attack its name
 * @param threat the threat model, which every adversarial input obeys exactly
 * @param seed from which random starts followed
 * @param adversarial N x d float32
 * @param success whether the adversarial input is misclassified (targeted: is classified as its target)
 * @param labelBefore the model's class of each original
 * @param labelAfter the model's class of each adversarial input
 * @param loss the attack's loss of each adversarial input
 * @param linf L-inf distances
 * @param l2 L2 distances
 * @param l1 L1 distances
 * @param iterations steps until each example was beaten; the whole number of steps where it was not, or where the attack
 *     looks at the last iterate only
 * @param queries that an oracle was asked about each example, but for those that judged the original and the result; 0 for a
 *     classifier at hand
 * @param zeroGradients steps at which an example's input gradient was zero throughout
 */
@SuppressWarnings("ArrayRecordComponent") // results, never compared as a whole
public record AttackResult(
        String attack,
        ThreatModel threat,
        long seed,
        float[] adversarial,
        boolean[] success,
        int[] labelBefore,
        int[] labelAfter,
        float[] loss,
        double[] linf,
        double[] l2,
        double[] l1,
        int[] iterations,
        int[] queries,
        int[] zeroGradients) {

    /**
     * How many examples were attacked successfully.
     *
     * @return 0..N
     */
    public int successes() {
        int count = 0;
        for (boolean one : success) {
            count += one ? 1 : 0;
        }
        return count;
    }
}
