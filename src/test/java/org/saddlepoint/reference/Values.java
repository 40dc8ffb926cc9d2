package org.saddlepoint.reference;

import java.util.Random;

/** Arrays of test values. */
public final class Values {
    /** The unit roundoff of float32: the relative error of one rounding. */
    public static final double ROUNDOFF = 0x1p-24;

    private Values() {}

    public static float[] uniform(Random random, int count, double low, double high) {
        float[] out = new float[count];
        for (int i = 0; i < count; i++) {
            out[i] = (float) (low + (high - low) * random.nextDouble());
        }
        return out;
    }

    public static int[] below(Random random, int count, int bound) {
        return random.ints(count, 0, bound).toArray();
    }

    public static double[] widen(float[] values) {
        double[] out = new double[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = values[i];
        }
        return out;
    }

    public static double[] widen(int[] values) {
        double[] out = new double[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = values[i];
        }
        return out;
    }

    public static double[] abs(double[] values) {
        double[] out = new double[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = Math.abs(values[i]);
        }
        return out;
    }
}
