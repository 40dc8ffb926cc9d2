package org.saddlepoint.device;

import org.jspecify.annotations.Nullable;

/**
 * Losses of attacks that are measured towards one class, with their logit gradients. Logits are n x c float32, labels and
 * targets n int32. Results are computed in double and rounded once; ties between logits go to the lowest class, and a NaN
 * ranks as -infinity.
 */
public interface LossOperations {
    /** Losses towards a target class t of an example of class y, both to be ascended. */
    enum TargetLoss {
        /**
         * The targeted difference of logits ratio, -(z_y - z_t) / (z_p1 - (z_p3 + z_p4) / 2 + 1e-12), where p are the
         * classes by their logits, largest first (Croce and Hein 2020, equation 7).
         */
        DLR,
        /** The margin z_t - z_y: positive where the target is ahead of the label. */
        MARGIN
    }

    /**
     * The untargeted difference of logits ratio, -(z_y - max_{i != y} z_i) / (z_p1 - z_p3 + 1e-12) (Croce and Hein 2020,
     * equation 6). The gradient goes through the order statistics too.
     *
     * @param n examples
     * @param c classes, at least 3
     * @param logits n x c
     * @param labels n
     * @param factor times the gradient
     * @param loss n, overwritten; or null
     * @param gradient n x c, overwritten, may be the logits; or null
     * @throws IllegalArgumentException for fewer classes
     */
    void dlr(
            int n, int c, Buffer logits, Buffer labels, float factor, @Nullable Buffer loss, @Nullable Buffer gradient);

    /**
     * A loss towards a class for each example. The gradient goes through the order statistics too.
     *
     * @param kind which loss
     * @param n examples
     * @param c classes; of DLR at least 4
     * @param logits n x c
     * @param labels n
     * @param targets n
     * @param factor times the gradient
     * @param loss n, overwritten; or null
     * @param gradient n x c, overwritten, may be the logits; or null
     * @throws IllegalArgumentException for fewer classes
     */
    void targetLoss(
            TargetLoss kind,
            int n,
            int c,
            Buffer logits,
            Buffer labels,
            Buffer targets,
            float factor,
            @Nullable Buffer loss,
            @Nullable Buffer gradient);

    /**
     * The class of the rank-th largest logit other than the label's.
     *
     * @param n examples
     * @param c classes
     * @param logits n x c
     * @param labels n
     * @param rank 1 for the largest, at most c - 1
     * @param out n int32, overwritten
     * @throws IllegalArgumentException for another rank
     */
    void rankedClass(int n, int c, Buffer logits, Buffer labels, int rank, Buffer out);
}
