package org.saddlepoint.device;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * K steps of a norm's step rule over a batch, from the original inputs or from a random start: what a bound model's
 * {@code iterate} runs, layer by layer or, where a device can, as one fused call.
 *
 * @param n examples in the batch
 * @param origin n x d float32, the original inputs in [0,1]
 * @param labels n int32, the classes to leave (targeted: to reach)
 * @param indices n int32, the examples' positions in their data set, from which random starts follow
 * @param x n x d float32, overwritten: the last iterate, or the start of an example already beaten; with {@code keep},
 *     workspace
 * @param rule what is done
 * @param random the stream of the random start
 * @param restart the number of this restart, from 0
 * @param best what is known of the examples: those already beaten are left alone, and zero gradients are counted; null in
 *     training, where only the last iterate matters
 * @param keep whether every iterate, the start included, is a candidate for {@code best}
 * @param cursor in training, where it stands: the random stream's epoch is then the cursor's
 */
public record Loop(
        int n,
        Buffer origin,
        Buffer labels,
        Buffer indices,
        Buffer x,
        Rule rule,
        RandomStream random,
        int restart,
        @Nullable BestIterate best,
        boolean keep,
        @Nullable Cursor cursor) {
    /** Checks that there is something to keep in. */
    public Loop {
        if (keep && best == null) {
            throw new IllegalArgumentException("a loop without a best iterate keeps none");
        }
        if ((keep || rule.steps() == 0) && rule.start() == Start.BALL) {
            throw new IllegalArgumentException("a start outside the box is no iterate to keep");
        }
    }

    /**
     * A loop outside training.
     *
     * @param n examples in the batch
     * @param origin n x d float32
     * @param labels n int32
     * @param indices n int32
     * @param x n x d float32, overwritten
     * @param rule what is done
     * @param random the stream of the random start
     * @param restart the number of this restart, from 0
     * @param best what is known of the examples, or null
     * @param keep whether every iterate is a candidate for {@code best}
     */
    public Loop(
            int n,
            Buffer origin,
            Buffer labels,
            Buffer indices,
            Buffer x,
            Rule rule,
            RandomStream random,
            int restart,
            @Nullable BestIterate best,
            boolean keep) {
        this(n, origin, labels, indices, x, rule, random, restart, best, keep, null);
    }

    /**
     * The step rule.
     *
     * @param threat norm and radius
     * @param steps K, at least 0
     * @param stepSize the length of a step in the norm, at least 0
     * @param top L1 alone: how many coordinates share a step
     * @param start where it begins
     * @param targeted whether the loss is descended instead of ascended
     * @param precision of the operands of products
     */
    public record Rule(
            ThreatModel threat,
            int steps,
            float stepSize,
            int top,
            Start start,
            boolean targeted,
            Precision precision) {
        /**
         * A rule in float32.
         *
         * @param threat norm and radius
         * @param steps K, at least 0
         * @param stepSize the length of a step in the norm, at least 0
         * @param top L1 alone: how many coordinates share a step
         * @param start where it begins
         * @param targeted whether the loss is descended instead of ascended
         */
        public Rule(ThreatModel threat, int steps, float stepSize, int top, Start start, boolean targeted) {
            this(threat, steps, stepSize, top, start, targeted, Precision.FLOAT32);
        }

        /**
         * The norm of the threat model.
         *
         * @return the norm
         */
        public Norm norm() {
            return threat.norm();
        }
    }
}
