package org.saddlepoint.data;

import java.util.Random;

/** Examples scattered around one centre a class, so that a small network learns them but not all of them. */
public final class Blobs {
    public static final int CLASSES = 4;
    public static final int FEATURES = 20;

    private Blobs() {}

    /** Examples of byte pixels, shape 1 x 4 x 5. */
    public static Dataset bytes(int n, long seed) {
        Random centres = new Random(99);
        double[] centre = centres.doubles(CLASSES * FEATURES, 0.2, 0.8).toArray();
        Random random = new Random(seed);
        byte[] pixels = new byte[n * FEATURES];
        int[] labels = random.ints(n, 0, CLASSES).toArray();
        for (int i = 0; i < pixels.length; i++) {
            double value = centre[labels[i / FEATURES] * FEATURES + i % FEATURES] + 0.3 * random.nextGaussian();
            pixels[i] = (byte) Math.round(255 * Math.clamp(value, 0, 1));
        }
        return Dataset.ofBytes("blobs", new int[] {1, 4, 5}, CLASSES, pixels, labels);
    }

    /** The same examples stored as floats. */
    public static Dataset floats(Dataset data) {
        return Dataset.ofFloats(data.name(), data.shape(), data.classes(), data.values(0, data.size()), data.labels());
    }
}
