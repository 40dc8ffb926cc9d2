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

    /**
     * The training ends before its last epoch; after that epoch's report, and again where one that had stopped is resumed.
     *
     * @param overfitting why
     */
    default void stopped(Overfitting overfitting) {}
}
