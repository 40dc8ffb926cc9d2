package org.saddlepoint.device;

/**
 * The inputs of a data set for the batches of a training: all of them in device memory or, where they do not fit, brought
 * there batch by batch while the device computes.
 */
public interface RowFeed extends AutoCloseable {
    /**
     * Begins an epoch.
     *
     * @param order the examples in the order in which batches take them
     */
    void beginEpoch(int[] order);

    /**
     * Brings the inputs of a batch near. Called before each batch, in order.
     *
     * @param from the batch's position in the epoch
     * @param n its examples
     * @return the place from which {@link #gather} takes them: recorded work of one place serves no other
     */
    int prepare(int from, int n);

    /**
     * The inputs of the batch that was prepared last; may be recorded.
     *
     * @param n examples
     * @param place what {@link #prepare} returned
     * @param indices n int32, the examples' positions in the data set
     * @param out n x d float32
     */
    void gather(int n, int place, Buffer indices, Buffer out);

    /** Frees the data. */
    @Override
    void close();
}
