package org.saddlepoint.data;

import java.util.Random;
import java.util.stream.IntStream;

/**
 * Puts examples into an order drawn from a seed, and holds some out. Files stand sorted by class more often than not: the
 * first N of them would be one class. The same seed gives the same order and parts on every machine.
 *
 * @param train positions of the examples to train on, in their order
 * @param test positions of those held out, in their order
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
record Parting(int[] train, int[] test) {
    /** The positions 0..n-1 in an order drawn from a seed (Fisher and Yates). */
    static int[] shuffled(int n, long seed) {
        int[] order = IntStream.range(0, n).toArray();
        Random random = new Random(seed);
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
        return order;
    }

    /**
     * Holds out a share of each class; where a class cannot be parted exactly, what is missing is made up by the next one, so
     * that the whole has the share. Of each class at least one example stays for training.
     *
     * @param labels of the examples, in [0, classes)
     * @param share of the test part
     */
    static Parting of(int[] labels, int classes, double share, long seed) {
        int[] order = shuffled(labels.length, seed);
        int[] size = new int[classes];
        for (int label : labels) {
            size[label]++;
        }
        int[] held = new int[classes];
        int seen = 0;
        int taken = 0;
        for (int c = 0; c < classes; c++) {
            seen += size[c];
            held[c] = Math.clamp((long) (seen * share) - taken, 0, Math.max(0, size[c] - 1));
            taken += held[c];
        }
        int[] train = new int[labels.length - taken];
        int[] test = new int[taken];
        int trained = 0;
        int tested = 0;
        for (int i : order) {
            if (held[labels[i]]-- > 0) {
                test[tested++] = i;
            } else {
                train[trained++] = i;
            }
        }
        return new Parting(train, test);
    }
}
