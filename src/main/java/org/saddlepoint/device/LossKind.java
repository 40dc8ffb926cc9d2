package org.saddlepoint.device;

/** The losses that devices compute themselves. */
public enum LossKind {
    /** Softmax cross-entropy from logits. */
    CROSS_ENTROPY,
    /** Mean over classes of the squared difference of logits and one-hot label. */
    MEAN_SQUARED_ERROR,
    /** The largest other logit less the label's. */
    MARGIN
}
