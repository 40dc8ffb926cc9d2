package org.saddlepoint.device;

/**
 * A device's way to do the same work again and again: recorded the first time it is asked for, and repeated afterwards as
 * one call, where the device can. Work that reads results back on the host cannot be recorded; it is done anew each time.
 */
public interface Replay extends AutoCloseable {
    /**
     * Does work of a kind: operations over buffers that stay the same from one time to the next, what changes lying in
     * buffers or a {@link Cursor}. The work must not change anything on the host.
     *
     * @param kind equal for work that is the same, such as the examples of a batch
     * @param work calls operations of the device
     */
    void run(Object kind, Runnable work);

    /** Forgets what was recorded. */
    @Override
    void close();
}
