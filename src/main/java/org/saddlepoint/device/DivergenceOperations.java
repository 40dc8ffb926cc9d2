package org.saddlepoint.device;

import org.jspecify.annotations.Nullable;

/**
 * What TRADES needs beside the rest (Zhang et al. 2019, "Theoretically principled trade-off between robustness and
 * accuracy", eq. 5): the divergence between a clean example's softmax and its perturbed form's, and a Gaussian start.
 */
public interface DivergenceOperations {
    /**
     * KL(softmax(reference) || softmax(logits)) of each example, and its gradient with respect to the logits, computed in
     * log-space and in double.
     *
     * @param n examples
     * @param c classes
     * @param logits n x c
     * @param reference n x c
     * @param factor multiplies the gradient
     * @param loss n, overwritten, or null
     * @param gradient n x c, overwritten, or null
     */
    void divergence(
            int n,
            int c,
            Buffer logits,
            Buffer reference,
            float factor,
            @Nullable Buffer loss,
            @Nullable Buffer gradient);

    /**
     * The loss of TRADES: the cross-entropy of a clean example plus beta * KL(clean || perturbed), and its gradient with
     * respect to both. An example mixes two rows of the batch: of 2n rows, the first n are clean, the others perturbed.
     *
     * @param n examples
     * @param c classes
     * @param logits 2n x c
     * @param labels n
     * @param beta at least 0
     * @param factor multiplies the gradient
     * @param loss n, overwritten
     * @param gradient 2n x c, overwritten
     */
    void trades(int n, int c, Buffer logits, Buffer labels, float beta, float factor, Buffer loss, Buffer gradient);

    /**
     * x = origin + a Gaussian draw, projected onto the loop's ball and the box.
     *
     * @param loop batch, rule and random stream
     * @param d features of an input
     * @param deviation of each feature, at least 0
     */
    void gaussianStart(Loop loop, int d, float deviation);
}
