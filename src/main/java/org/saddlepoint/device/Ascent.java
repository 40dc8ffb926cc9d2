package org.saddlepoint.device;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.threat.ThreatModel;

/**
 * Where APGD stands with a batch (Croce and Hein 2020).
 *
 * @param n examples
 * @param d values of an example
 * @param threat norm, L-inf or L2, and radius
 * @param origin n x d float32, the original inputs in [0,1]
 * @param x n x d float32, the iterate
 * @param gradient n x d float32, of the loss at the iterate
 * @param previous n x d float32, the iterate before
 * @param best n x d float32, the iterate of the highest loss in this run
 * @param bestGradient n x d float32, the gradient there
 * @param workspace n x d float32; null with L-inf
 * @param state n x {@link #STATE} float32: step size, last loss, best loss, best loss at the last checkpoint, how often the
 *     loss rose since, and whether the step size was halved there (1 or 0)
 * @param known examples already beaten are left alone, and zero gradients are counted; or null
 */
public record Ascent(
        int n,
        int d,
        ThreatModel threat,
        Buffer origin,
        Buffer x,
        Buffer gradient,
        Buffer previous,
        Buffer best,
        Buffer bestGradient,
        @Nullable Buffer workspace,
        Buffer state,
        @Nullable BestIterate known) {
    /** Values of an example's state. */
    public static final int STATE = 6;

    /** Checks the norm and what it needs. */
    public Ascent {
        switch (threat.norm()) {
            case LINF -> {}
            case L2 -> {
                if (workspace == null) {
                    throw new IllegalArgumentException("an ascent in L2 needs a workspace");
                }
            }
            case L1 -> throw new IllegalArgumentException("the norm of an ascent is L1: it must be L-inf or L2");
        }
    }
}
