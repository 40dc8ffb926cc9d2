package org.saddlepoint.model;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Device;

/** A victim bound to a batch size: all buffers are planned. For one thread at a time. */
public interface BoundVictim extends AutoCloseable {
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
     * The device.
     *
     * @return where the buffers are
     */
    Device device();

    /**
     * The largest batch.
     *
     * @return examples, at least 1
     */
    int batch();

    /**
     * Asks about inputs to judge them, outside any budget.
     *
     * @param n examples, at most {@link #batch}
     * @param x n x d
     * @return n x classes, valid until the next question
     */
    Buffer forward(int n, Buffer x);

    /**
     * Work of an attack's own that asks questions, each example for itself.
     *
     * @param n examples, at most {@link #batch}
     * @param done n int32: an example is not asked about once this is not negative; null: all of them are
     * @param work is given where to ask, and calls its operations alone
     */
    void query(int n, @Nullable Buffer done, Consumer<Queries> work);

    /**
     * Begins to count the queries of a batch.
     *
     * @param budget queries allowed an example, at least 1
     */
    default void count(int budget) {}

    /**
     * The queries of each example since {@link #count}; a classifier, which is at hand, does not count.
     *
     * @param out receives n numbers
     * @param from where they begin
     * @param n examples
     */
    default void queries(int[] out, int from, int n) {}

    @Override
    void close();
}
