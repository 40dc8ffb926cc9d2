package org.saddlepoint.device;

/**
 * Where Carlini and Wagner's L2 attack stands with a batch: each example descends |x - origin|^2 + c max(f, -confidence) in w, x
 * = (tanh(w) + 1) / 2, with a c of its own.
 *
 * @param n examples
 * @param d values of an example
 * @param origin n x d float32, the original inputs in [0,1]
 * @param x n x d float32, the iterate
 * @param w n x d float32, the iterate before its change of variable
 * @param first n x d float32, Adam's first moment of the gradient in w
 * @param second n x d float32, Adam's second moment
 * @param state n x {@link #STATE} float32: c, its lower and upper bound, whether this c was enough (1 or 0), and what is
 *     descended, as it was at the last check
 * @param done n int32: not negative where an example rests until its next c
 * @param rule what is done
 * @param best the closest adversarial iterate of each example, its objective minus the distance; an example is beaten once that
 *     is inside epsilon
 */
public record PenaltyDescent(
        int n,
        int d,
        Buffer origin,
        Buffer x,
        Buffer w,
        Buffer first,
        Buffer second,
        Buffer state,
        Buffer done,
        Rule rule,
        BestIterate best) {
    /** Values of an example's state. */
    public static final int STATE = 5;

    /**
     * The rule.
     *
     * @param epsilon L2 radius, at least 0
     * @param initial the first c, in (0, 1e10)
     * @param confidence by how much the margin must be exceeded, at least 0; the paper's kappa
     * @param learningRate of Adam, above 0
     * @param targeted whether labels are the classes to reach
     * @param minimal whether examples go on once they are beaten, to a smaller distance
     */
    public record Rule(
            float epsilon, float initial, float confidence, float learningRate, boolean targeted, boolean minimal) {
        /**
         * Adam's step size with the first moment's correction.
         *
         * @param iteration from 1
         * @return rate / (1 - 0.9^iteration)
         */
        public float stepSize(int iteration) {
            return (float) (learningRate / (1 - Math.pow(0.9, iteration)));
        }

        /**
         * The second moment's correction.
         *
         * @param iteration from 1
         * @return sqrt(1 - 0.999^iteration)
         */
        public float rootCorrection(int iteration) {
            return (float) Math.sqrt(1 - Math.pow(0.999, iteration));
        }
    }
}
