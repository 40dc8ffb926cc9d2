package org.saddlepoint.loss;

import org.saddlepoint.device.LossKind;
import org.saddlepoint.loss.Loss.ExampleLoss;

/** The losses there are, and the short way to one's own. */
public final class Losses {
    /** Softmax cross-entropy, log sum exp z - z_y. */
    public static final Loss CROSS_ENTROPY = new DeviceLoss("cross-entropy", LossKind.CROSS_ENTROPY);

    /** Mean over classes of (z - onehot(y))^2. */
    public static final Loss MEAN_SQUARED_ERROR = new DeviceLoss("mse", LossKind.MEAN_SQUARED_ERROR);

    /** The margin loss of Carlini and Wagner (2017): the largest other logit less the label's. */
    public static final Loss MARGIN = new DeviceLoss("margin", LossKind.MARGIN);

    private Losses() {}

    /**
     * A loss from a function of one example, run on the host: short to write, at the price of copying logits.
     *
     * @param name how results call it
     * @param function the loss of one example and its gradient
     * @return the loss
     */
    public static Loss perExample(String name, ExampleLoss function) {
        return new HostLoss(name, function);
    }
}
