package org.saddlepoint.train;

/** Is told of every epoch, on the training thread. */
@FunctionalInterface
public interface EpochListener {
    /**
     * An epoch is over.
     *
     * @param report what it came to
     */
    void epochDone(EpochReport report);
}
