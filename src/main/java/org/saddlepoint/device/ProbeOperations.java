package org.saddlepoint.device;

import org.jspecify.annotations.Nullable;

/**
 * Operations of attacks that learn from the answers to probes around a point: NES (Ilyas et al. 2018, "Black-box adversarial
 * attacks with limited queries and information") and HopSkipJump (Chen et al. 2020, "HopSkipJumpAttack: a query-efficient
 * decision-based attack").
 */
public interface ProbeOperations {
    /**
     * A probe: x = clip(point + scale x u) onto the box [0,1]. Random words are those of {@link RandomStream#block}, with the
     * probe's number for the step.
     *
     * @param noise how far, and what u is
     * @param n examples
     * @param d values of an example
     * @param point n x d in [0,1]
     * @param done n int32: examples are left alone once it is not negative; or null
     * @param number of the probe
     * @param x n x d, overwritten; not the point
     */
    void probe(ProbeNoise noise, int n, int d, Buffer point, @Nullable Buffer done, int number, Buffer x);

    /**
     * What a probe says of the gradient of a loss: gradient += (loss - base) x (x - point). Over a pair of probes at +-u away
     * from the box this is NES's antithetic estimate, whatever the base; where the box cut one of them short, the base keeps
     * the other's from counting the loss itself as a rise.
     *
     * @param n examples
     * @param d values of an example
     * @param point n x d
     * @param x n x d, the probe
     * @param base n, the loss at the point
     * @param loss n, the loss at the probe
     * @param first whether the gradient begins anew, as if it were zero
     * @param done n int32: examples are left alone once it is not negative; or null
     * @param gradient n x d, added to
     */
    void estimate(
            int n,
            int d,
            Buffer point,
            Buffer x,
            Buffer base,
            Buffer loss,
            boolean first,
            @Nullable Buffer done,
            Buffer gradient);

    /**
     * Into a phase of HopSkipJump (algorithm 2). BISECT: examples are done where no misclassified input is known, where it is
     * the original itself, where the queries are spent, and where they are beaten, unless the hop is minimal; the bracket is
     * (0, 1), and probes are as long as the point's distance over d. PROBE: the point goes to the upper end of the bracket,
     * and the probes' sums begin at zero. STEP: toward = toward / misclassified - away / others (one alone where the other has
     * none), which is the paper's estimate with its baseline but for a positive factor, over its length (L2) or its sign
     * (L-inf); the step is as long as the point's distance over sqrt(iteration).
     *
     * @param hop batch and rule
     * @param d values of an example
     * @param phase which: not START
     * @param iteration from 1
     */
    void hopTurn(BoundaryHop hop, int d, BoundaryHop.Phase phase, int iteration);

    /**
     * What to ask. BISECT: x = origin + m (point - origin) with m in the bracket's middle (L2), or the point cut to m times
     * its distance about the origin (L-inf). STEP: x = clip(point + size x toward) onto the box [0,1].
     *
     * @param hop batch and rule; its x is overwritten, but for examples that are done
     * @param d values of an example
     * @param phase BISECT or STEP
     */
    void hopPropose(BoundaryHop hop, int d, BoundaryHop.Phase phase);

    /**
     * What an answer about x says, which is counted. PROBE: x - point is added to toward where x is misclassified, else to
     * away. BISECT: the bracket's middle becomes its upper end where x is misclassified, else its lower. START and STEP: a
     * misclassified x becomes the point, and the example is done; else the step is halved (STEP).
     *
     * <p>But for probes, a misclassified x that is closer than the best becomes that; it is beaten where the distance is at
     * most epsilon, in exact arithmetic on the stored values. Examples are done when their queries are spent, or when they are
     * beaten, unless the hop is minimal; those that are done already are left alone.
     *
     * @param hop batch and rule
     * @param d values of an example
     * @param c classes
     * @param logits n x c, at x
     * @param phase what was asked
     */
    void hopJudge(BoundaryHop hop, int d, int c, Buffer logits, BoundaryHop.Phase phase);
}
