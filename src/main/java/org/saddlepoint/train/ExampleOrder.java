package org.saddlepoint.train;

import java.util.Arrays;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;

/** The order of training examples in an epoch: a permutation that follows from seed and epoch (Fisher and Yates). */
final class ExampleOrder {
    private ExampleOrder() {}

    static int[] of(int size, long seed, int epoch) {
        int[] order = new int[size];
        Arrays.setAll(order, i -> i);
        RandomStream random = new RandomStream(seed, Purpose.SHUFFLE, epoch);
        int[] words = {};
        for (int i = size - 1; i > 0; i--) {
            int draw = size - 1 - i;
            if (draw % 4 == 0) {
                words = random.block(draw / 4, 0, 0);
            }
            // The high word of a 32x32 product: uniform over 0..i up to 2^-32 * i.
            int other = (int) ((Integer.toUnsignedLong(words[draw % 4]) * (i + 1)) >>> 32);
            int swapped = order[i];
            order[i] = order[other];
            order[other] = swapped;
        }
        return order;
    }
}
