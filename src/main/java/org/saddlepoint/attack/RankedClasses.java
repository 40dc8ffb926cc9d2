package org.saddlepoint.attack;

import java.util.Comparator;
import java.util.stream.IntStream;

/** The classes of each example other than its label, by their logits: largest first, ties by class, NaN last. */
final class RankedClasses {
    private final int c;
    private final int[] labels;
    private final int[][] ranked;

    /**
     * Ranks the classes.
     *
     * @param c classes
     * @param logits n x c
     * @param labels n
     */
    RankedClasses(int c, float[] logits, int[] labels) {
        this.c = c;
        this.labels = labels;
        this.ranked = new int[labels.length][];
        for (int i = 0; i < labels.length; i++) {
            int label = labels[i];
            int row = i * c;
            ranked[i] = IntStream.range(0, c)
                    .filter(j -> j != label)
                    .boxed()
                    .sorted(Comparator.comparingDouble(j -> rank(logits[row + j])))
                    .mapToInt(Integer::intValue)
                    .toArray();
        }
    }

    private static double rank(float logit) {
        return Float.isNaN(logit) ? Double.POSITIVE_INFINITY : 0.0 - logit; // so that -0 and 0 tie
    }

    /**
     * The direction in logits from each example's label to its class of a rank.
     *
     * @param rank from 0, below c - 1
     * @return n x c: 1 at the class, -1 at the label, 0 elsewhere
     */
    float[] directions(int rank) {
        float[] directions = new float[labels.length * c];
        for (int i = 0; i < labels.length; i++) {
            directions[i * c + ranked[i][rank]] = 1f;
            directions[i * c + labels[i]] = -1f;
        }
        return directions;
    }
}
