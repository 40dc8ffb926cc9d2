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

    /** Rounded to 10 bits of fraction, ties away from zero, as NVIDIA's conversion does (PTX ISA, cvt.rna.tf32). */
    public static float[] tf32(float[] values) {
        float[] out = new float[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = Float.intBitsToFloat((Float.floatToRawIntBits(values[i]) + 0x1000) & 0xffffe000);
        }
        return out;
    }

    /** Rounded to 7 bits of fraction, ties to even. */
    public static float[] bf16(float[] values) {
        float[] out = new float[values.length];
        for (int i = 0; i < out.length; i++) {
            int bits = Float.floatToRawIntBits(values[i]);
            out[i] = Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
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
