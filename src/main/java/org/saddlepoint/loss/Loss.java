package org.saddlepoint.loss;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.Operations;

/** A loss of logits and label, one value an example, with its gradient with respect to the logits. Immutable. */
public interface Loss {
    /** The loss of one example. */
    @FunctionalInterface
    interface ExampleLoss {
        /**
         * Computes loss and gradient.
         *
         * @param logits one logit a class
         * @param label the class
         * @param gradient overwritten: the derivative with respect to each logit
         * @return the loss
         */
        double evaluate(float[] logits, int label, float[] gradient);
    }

    /**
     * How results call it.
     *
     * @return such as {@code cross-entropy}
     */
    String name();

    /**
     * The loss's kind, if devices compute it themselves: then whole loops can be fused with it.
     *
     * @return empty for a user's own loss
     */
    default Optional<LossKind> kind() {
        return Optional.empty();
    }

    /**
     * Computes losses and logit gradients of a batch.
     *
     * @param operations of the device that holds the buffers
     * @param n examples
     * @param classes logits an example
     * @param logits n x classes
     * @param labels n int32
     * @param factor multiplies the gradient: 1/n for the mean of a batch, -1 to descend
     * @param rescaled whether each example's gradient may be scaled by a positive number of the loss's choice
     * @param loss n, or null
     * @param gradient n x classes, or null
     */
    void evaluate(
            Operations operations,
            int n,
            int classes,
            Buffer logits,
            Buffer labels,
            float factor,
            boolean rescaled,
            @Nullable Buffer loss,
            @Nullable Buffer gradient);
}
