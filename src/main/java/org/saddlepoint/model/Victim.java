package org.saddlepoint.model;

import org.saddlepoint.device.Device;

/** What is attacked: a classifier with its gradients, or an oracle that answers queries. */
public interface Victim {
    /**
     * The shape of an input.
     *
     * @return of one example
     */
    Shape input();

    /**
     * The classes.
     *
     * @return how many
     */
    int classes();

    /**
     * Where attacks keep their state.
     *
     * @return the device
     */
    Device device();

    /**
     * What attacks may know of it.
     *
     * @return gradients, logits or labels
     */
    Knowledge knowledge();

    /**
     * The logits of inputs.
     *
     * @param x N x d values
     * @return N x classes; of a victim that tells labels alone, 1 for the label and 0 for all others
     */
    float[] logits(float[] x);

    /**
     * Binds it to a batch size, for attacks.
     *
     * @param batch the largest batch, at least 1
     * @return to be closed by the caller
     */
    BoundVictim bind(int batch);
}
