package org.saddlepoint.device;

import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * A batch on its way along the decision boundary: what the operations of FAB work on.
 *
 * @param n examples in the batch
 * @param origin n x d float32, the original inputs in [0,1]
 * @param labels n int32, the classes to leave
 * @param x n x d float32 in [0,1], moved in place
 * @param rule what is done
 * @param best the closest misclassified iterate of each example, its objective minus the distance; an example is beaten
 *     once that is inside the threat model
 */
public record BoundaryWalk(int n, Buffer origin, Buffer labels, Buffer x, Rule rule, BestIterate best) {
    /**
     * The step rule.
     *
     * @param threat norm (L-inf or L2) and radius
     * @param mostOrigin the largest share of the origin's projection in a step, in [0,1]; the paper's alpha_max
     * @param overshoot how far a step goes, 1 being the boundary; the paper's eta
     * @param pull what is left of the way to a misclassified iterate after it, in [0,1]; the paper's beta
     * @param minimal whether examples go on once they are beaten, to a smaller distance
     */
    public record Rule(ThreatModel threat, float mostOrigin, float overshoot, float pull, boolean minimal) {
        /** Checks the norm. */
        public Rule {
            if (threat.norm() == Norm.L1) {
                throw new IllegalArgumentException("the norm is l1: steps to the boundary are there for linf and l2");
            }
        }
    }
}
