package org.saddlepoint.device;

import java.util.List;

/**
 * A weight update on a batch, as one fused call may do it.
 *
 * @param n examples in the batch
 * @param x n x d float32, what is trained on
 * @param labels n int32
 * @param indices n int32, the examples' positions in their data set, from which dropout follows
 * @param seed of the training
 * @param factor multiplies the loss's gradient: 1/n for the mean of the batch
 * @param losses n float32, overwritten: the loss of each example before the update
 * @param predictions n int32, overwritten: the class of each example before the update
 * @param cursor learning rate and the like, and the number of the update
 * @param state the optimizer's arrays, each as long as the parameters, in place
 */
public record Update(
        int n,
        Buffer x,
        Buffer labels,
        Buffer indices,
        long seed,
        float factor,
        Buffer losses,
        Buffer predictions,
        Cursor cursor,
        List<Buffer> state) {
    /** Copies the list. */
    public Update {
        state = List.copyOf(state);
    }
}
