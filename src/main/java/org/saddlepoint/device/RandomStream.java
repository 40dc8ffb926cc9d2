package org.saddlepoint.device;

import org.jspecify.annotations.Nullable;

/**
 * Where random numbers come from: Philox4x32-10 with key = seed and counter = (element / 4, example index, restart or
 * step, purpose &lt;&lt; 24 | epoch). A number depends on what it is for, never on batch, thread or order.
 *
 * @param seed the 64-bit key
 * @param purpose what the numbers are for
 * @param epoch 0 in evaluation, from 1 in training; below 2^24
 */
public record RandomStream(long seed, Purpose purpose, int epoch) {
    /** Uses that must not share numbers. */
    public enum Purpose {
        /** Initial weights; the example index is the tensor's position in the model. */
        INITIALIZATION(0),
        /** The order of training examples. */
        SHUFFLE(1),
        /** Random starts of attacks. */
        ATTACK_START(2),
        /** Other draws of attacks. */
        ATTACK_DRAW(3),
        /** Dropout masks. */
        DROPOUT(4);

        private final int code;

        Purpose(int code) {
            this.code = code;
        }
    }

    /** Checks the epoch. */
    public RandomStream {
        if (epoch < 0 || epoch >= 1 << 24) {
            throw new IllegalArgumentException("epoch " + epoch + " is outside 0.." + ((1 << 24) - 1));
        }
    }

    /**
     * The counter's last word.
     *
     * @return purpose &lt;&lt; 24 | epoch
     */
    public int word() {
        return purpose.code << 24 | epoch;
    }

    /**
     * The stream of a training's epoch.
     *
     * @param cursor where the training stands, or null
     * @return this stream in the cursor's epoch; without a cursor, this one
     */
    public RandomStream in(@Nullable Cursor cursor) {
        return cursor == null ? this : new RandomStream(seed, purpose, cursor.epoch());
    }

    /**
     * Four words of one counter value, on the host.
     *
     * @param block element / 4
     * @param index the example index
     * @param step restart or step
     * @return four 32-bit words
     */
    public int[] block(int block, int index, int step) {
        return Philox.block(seed, block, index, step, word());
    }
}
