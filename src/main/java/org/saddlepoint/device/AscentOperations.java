package org.saddlepoint.device;

/** The operations of APGD (Croce and Hein 2020, algorithm 1), each example with a step size of its own. */
public interface AscentOperations {
    /**
     * Places the iterate on the ball's surface: x = origin + epsilon v / |v|, projected onto ball and box, where v is uniform
     * in [-1,1] (L-inf) or Gaussian (L2).
     *
     * @param ascent whose x is overwritten
     * @param indices n int32, the examples' positions in their data set
     * @param random the stream
     * @param restart the number of this start
     */
    void start(Ascent ascent, Buffer indices, RandomStream random, int restart);

    /**
     * Begins the account of a start: it is the best and the previous iterate, and the step size is as given. The first
     * checkpoint behaves as if the step size had been halved before it.
     *
     * @param ascent whose previous, best, bestGradient and state are overwritten
     * @param loss n float32, at x
     * @param stepSize in the norm, at least 0
     */
    void begin(Ascent ascent, Buffer loss, float stepSize);

    /**
     * A step with momentum: z = project(x + step size * direction of the gradient), x' = project(x + momentum (z - x) + (1 -
     * momentum) (x - previous)). The direction is the gradient's sign, or the gradient over its length.
     *
     * @param ascent whose x and previous are overwritten
     * @param momentum the share of the step, in (0,1]
     */
    void step(Ascent ascent, float momentum);

    /**
     * Keeps the iterate and its gradient where its loss is the highest so far, and counts whether the loss rose.
     *
     * @param ascent whose best, bestGradient and state change
     * @param loss n float32, at x
     */
    void keep(Ascent ascent, Buffer loss);

    /**
     * {@link #keep} at a checkpoint: where the loss rose at most so often since the last one, or the step size was not halved
     * there and the best loss is the same since, the step size is halved, and x and gradient become the best ones.
     *
     * @param ascent whose x, gradient, best, bestGradient and state change
     * @param loss n float32, at x
     * @param fewestRises at least 0
     */
    void check(Ascent ascent, Buffer loss, int fewestRises);
}
