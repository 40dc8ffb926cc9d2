package org.saddlepoint.device;

/**
 * Operations of FAB (Croce and Hein 2020, "Minimally distorted adversarial examples with a fast adaptive boundary attack").
 * Each example's arithmetic is in double, in an order that follows from d alone.
 */
public interface BoundaryOperations {
    /**
     * Moves every x to the linearised boundary {u in [0,1]: value + (gradient, u - x) = 0}, value being (direction, logits), and a little beyond. With d and
     * d0 the shortest ways there from x and from the origin (where the box holds no such point: to where it comes closest),
     * and a = min(|d| / (|d| + |d0|), mostOrigin): x = clip((1 - a) (x + overshoot d) + a (origin + overshoot d0)).
     *
     * <p>Left alone are examples that are beaten, unless the walk is minimal; those whose gradient is zero throughout, which
     * are counted in {@code best}; and those whose value or gradient is not finite.
     *
     * @param walk batch and rule
     * @param d values of an example
     * @param c classes
     * @param logits n x c, at x
     * @param direction n x c: what is linearised of the logits, such as 1 at a target and -1 at the label
     * @param gradient n x d, of (direction, logits) with respect to x
     */
    void step(BoundaryWalk walk, int d, int c, Buffer logits, Buffer direction, Buffer gradient);

    /**
     * Keeps every misclassified x that is closer to its origin than the one kept so far, and then draws x back: x = origin
     * + pull (x - origin). An example counts as beaten at this step where the kept distance is at most epsilon, in exact
     * arithmetic on the stored values. Beaten examples are left alone, unless the walk is minimal.
     *
     * @param walk batch and rule
     * @param d values of an example
     * @param c classes
     * @param logits n x c, at x
     * @param step the number of this iterate
     */
    void keepClosest(BoundaryWalk walk, int d, int c, Buffer logits, int step);
}
