package org.saddlepoint.train;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Attack;

/** How a batch moves the weights. Its buffers are planned once; a step is the same device operations each time. */
interface Method {
    /**
     * Before the first step of an epoch; never recorded.
     *
     * @param attack of the epoch, or null
     */
    default void beginEpoch(@Nullable Attack attack) {}

    /**
     * One weight update from the batch that the run's buffers hold, with its losses and predictions.
     *
     * @param epoch from 1
     * @param n examples
     * @param attack of the epoch, or null
     */
    void step(int epoch, int n, @Nullable Attack attack);
}
