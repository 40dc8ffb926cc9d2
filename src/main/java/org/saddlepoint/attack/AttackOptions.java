package org.saddlepoint.attack;

import org.jspecify.annotations.Nullable;

/**
 * How an attack is run. None of it but the seed and the indices changes a result.
 *
 * @param seed of random starts
 * @param batchSize examples on the device together, at least 1
 * @param indices positions of the examples in their data set; null: 0..N-1
 */
@SuppressWarnings("ArrayRecordComponent") // options, never compared
public record AttackOptions(long seed, int batchSize, int @Nullable [] indices) {
    /** Seed 1, batches of 256, indices from 0. */
    public static final AttackOptions DEFAULT = new AttackOptions(1, 256, null);

    /** Checks the batch size. */
    public AttackOptions {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batch size is " + batchSize + ": it must be at least 1");
        }
    }

    /**
     * These options with another seed.
     *
     * @param value the seed
     * @return a copy
     */
    public AttackOptions withSeed(long value) {
        return new AttackOptions(value, batchSize, indices);
    }

    /**
     * These options with another batch size.
     *
     * @param value at least 1
     * @return a copy
     */
    public AttackOptions withBatchSize(int value) {
        return new AttackOptions(seed, value, indices);
    }

    /**
     * These options for examples of given positions.
     *
     * @param value one position an example
     * @return a copy
     */
    public AttackOptions withIndices(int[] value) {
        return new AttackOptions(seed, batchSize, value.clone());
    }
}
