package org.saddlepoint.peers;

import java.util.Random;

/**
 * Data of MNIST's shape, the same for all: each class is a pattern with about one pixel in five lit brightly; examples add
 * noise to lit pixels, and one label in ten is random: a model learns it against a radius of 0.3, and the loss stays well
 * above zero as it does on real data.
 */
public final class Synthetic {
    /** Examples. */
    public static final int SIZE = 5120;

    /** Side of an image. */
    public static final int SIDE = 28;

    /** Values of an example. */
    public static final int FEATURES = SIDE * SIDE;

    /** Classes. */
    public static final int CLASSES = 10;

    /** SIZE x FEATURES pixels; k stands for k/255. */
    public final byte[] bytes = new byte[SIZE * FEATURES];

    /** The same as float32 in [0,1]. */
    public final float[] floats = new float[SIZE * FEATURES];

    /** SIZE labels. */
    public final int[] labels = new int[SIZE];

    /** Draws the data, always the same. */
    public Synthetic() {
        Random random = new Random(7);
        double[][] patterns = new double[CLASSES][FEATURES];
        for (double[] pattern : patterns) {
            for (int j = 0; j < FEATURES; j++) {
                pattern[j] = random.nextDouble() < 0.2 ? 0.8 + 0.2 * random.nextDouble() : 0;
            }
        }
        for (int i = 0; i < SIZE; i++) {
            int pattern = random.nextInt(CLASSES);
            labels[i] = random.nextDouble() < 0.1 ? random.nextInt(CLASSES) : pattern;
            for (int j = 0; j < FEATURES; j++) {
                double lit = patterns[pattern][j];
                double value = lit > 0 ? lit + 0.2 * random.nextGaussian() : 0;
                int level = (int) Math.round(255 * Math.min(1, Math.max(0, value)));
                bytes[i * FEATURES + j] = (byte) level;
                floats[i * FEATURES + j] = level / 255f;
            }
        }
    }
}
