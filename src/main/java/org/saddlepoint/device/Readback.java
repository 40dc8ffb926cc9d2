package org.saddlepoint.device;

/**
 * Copies of a buffer's first values to the host that hold nothing up: asked for now, there a little later, while the device
 * goes on with what it was told before and after. One copy is under way at a time.
 */
public interface Readback extends AutoCloseable {
    /**
     * Asks for the values as they are after all operations so far. Does nothing while an earlier copy is under way.
     *
     * @param count how many
     */
    void request(int count);

    /**
     * The values of the latest copy that has arrived.
     *
     * @return as many as were asked for, float32 or int32 as doubles; empty before the first has arrived
     */
    double[] latest();

    /**
     * The values as they are after all operations so far: waits for them.
     *
     * @param count how many
     * @return float32 or int32 as doubles
     */
    double[] all(int count);

    /** Waits for a copy under way and frees what this holds. */
    @Override
    void close();
}
