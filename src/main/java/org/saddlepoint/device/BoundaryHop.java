package org.saddlepoint.device;

import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * A batch on its way along the decision boundary by labels alone: what the operations of HopSkipJump work on.
 *
 * @param n examples in the batch
 * @param origin n x d float32, the original inputs in [0,1]
 * @param labels n int32, the classes to leave
 * @param x n x d float32: what is asked about
 * @param point n x d float32: the misclassified point that an example stands at
 * @param toward n x d float32: the sum of misclassified probes' ways from the point, then the direction of the step
 * @param away n x d float32: the sum of the other probes' ways
 * @param bracket n x 2 float32: shares of the way from the origin to the point, not misclassified and misclassified
 * @param size n float32: the length of probes, then of the step
 * @param counts n x 3 int32: queries asked, and of the probes those misclassified and the others
 * @param done n int32: not negative where an example is not to be asked about in this phase
 * @param best the closest misclassified input of each example, its objective minus the distance; beaten holds the number of
 *     its query once it is inside the threat model
 * @param rule what is done
 */
public record BoundaryHop(
        int n,
        Buffer origin,
        Buffer labels,
        Buffer x,
        Buffer point,
        Buffer toward,
        Buffer away,
        Buffer bracket,
        Buffer size,
        Buffer counts,
        Buffer done,
        BestIterate best,
        Rule rule) {
    /** What is being asked. */
    public enum Phase {
        /** For a misclassified input to begin with. */
        START,
        /** For the boundary between origin and point, by binary search. */
        BISECT,
        /** For the direction of misclassified inputs around the point. */
        PROBE,
        /** For how far to go in it. */
        STEP
    }

    /**
     * What examples may do.
     *
     * @param threat norm (L-inf or L2) and radius
     * @param queries that may be asked of an example, at least 1
     * @param minimal whether examples go on once they are beaten, to a smaller distance
     */
    public record Rule(ThreatModel threat, int queries, boolean minimal) {
        /** Checks the norm. */
        public Rule {
            if (threat.norm() == Norm.L1) {
                throw new IllegalArgumentException("the norm is l1: hops along the boundary are there for linf and l2");
            }
        }
    }
}
