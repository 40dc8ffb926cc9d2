package org.saddlepoint.attack;

import org.jspecify.annotations.Nullable;

/**
 * How an attack is run. None of it but the seed, the indices and the budget of queries changes a result.
 *
 * @param seed of random starts
 * @param batchSize examples on the device together, at least 1
 * @param indices positions of the examples in their data set; null: 0..N-1
 * @param queries that an oracle may be asked about each example, at least 1; what is asked to judge the original and the
 *     result is not counted
 * @param progress told of examples that are done
 */
@SuppressWarnings("ArrayRecordComponent") // options, never compared
public record AttackOptions(long seed, int batchSize, int @Nullable [] indices, int queries, Progress progress) {
    /** Seed 1, batches of 256, indices from 0, no limit to queries. */
    public static final AttackOptions DEFAULT = new AttackOptions(1, 256, null, Integer.MAX_VALUE, (done, total) -> {});

    /** Is told how far an attack is. */
    @FunctionalInterface
    public interface Progress {
        /**
         * Some examples are done; called on the attacking thread. To cancel the attack, interrupt that thread: {@link
         * Attack#run} then ends with a {@link java.util.concurrent.CancellationException}.
         *
         * @param done examples so far
         * @param total examples in all
         */
        void examplesDone(int done, int total);
    }

    /** Checks batch size and budget. */
    public AttackOptions {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batch size is " + batchSize + ": it must be at least 1");
        }
        if (queries < 1) {
            throw new IllegalArgumentException(
                    "the budget is " + queries + " queries an example: it must be at least 1");
        }
    }

    /**
     * These options with another budget.
     *
     * @param value queries that an oracle may be asked about each example, at least 1
     * @return a copy
     */
    public AttackOptions withQueries(int value) {
        return new AttackOptions(seed, batchSize, indices, value, progress);
    }

    /**
     * These options with another listener.
     *
     * @param value told of examples that are done
     * @return a copy
     */
    public AttackOptions withProgress(Progress value) {
        return new AttackOptions(seed, batchSize, indices, queries, value);
    }

    /**
     * These options with another seed.
     *
     * @param value the seed
     * @return a copy
     */
    public AttackOptions withSeed(long value) {
        return new AttackOptions(value, batchSize, indices, queries, progress);
    }

    /**
     * These options with another batch size.
     *
     * @param value at least 1
     * @return a copy
     */
    public AttackOptions withBatchSize(int value) {
        return new AttackOptions(seed, value, indices, queries, progress);
    }

    /**
     * These options for examples of given positions.
     *
     * @param value one position an example
     * @return a copy
     */
    public AttackOptions withIndices(int[] value) {
        return new AttackOptions(seed, batchSize, value.clone(), queries, progress);
    }
}
