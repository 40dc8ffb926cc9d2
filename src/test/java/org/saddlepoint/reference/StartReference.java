package org.saddlepoint.reference;

import java.util.function.IntUnaryOperator;
import org.saddlepoint.threat.Norm;

/** A uniform draw from a ball about zero, from an example's random words. */
public final class StartReference {
    private StartReference() {}

    public static double[] draw(Norm norm, double epsilon, int d, IntUnaryOperator word) {
        double[] out = new double[d];
        double extra = positive(word.applyAsInt((d + 3) / 4 * 4)); // the first word after the row's own blocks
        switch (norm) {
            case LINF -> {
                for (int j = 0; j < d; j++) {
                    out[j] = epsilon * (2 * uniform(word.applyAsInt(j)) - 1);
                }
            }
            case L2 -> {
                out = gaussian(d, word);
                double squares = 0;
                for (double value : out) {
                    squares += value * value;
                }
                scale(out, epsilon * Math.pow(extra, 1.0 / d) / Math.sqrt(squares));
            }
            case L1 -> {
                // Barthe et al. 2005: d exponentials over the sum of d + 1.
                double sum = -Math.log(extra);
                for (int j = 0; j < d; j++) {
                    int bits = word.applyAsInt(j);
                    double size = -Math.log(positive(bits));
                    out[j] = (bits & 1) != 0 ? size : -size;
                    sum += size;
                }
                scale(out, epsilon / sum);
            }
        }
        return out;
    }

    /** Where APGD starts: a uniform (L-inf) or Gaussian (L2) draw, brought to the length epsilon. */
    public static double[] onSurface(Norm norm, double epsilon, int d, IntUnaryOperator word) {
        double[] out = gaussian(d, word);
        double length = 0;
        for (int j = 0; j < d; j++) {
            out[j] = norm == Norm.LINF ? 2 * uniform(word.applyAsInt(j)) - 1 : out[j];
            length = norm == Norm.LINF ? Math.max(length, Math.abs(out[j])) : Math.hypot(length, out[j]);
        }
        scale(out, epsilon / length);
        return out;
    }

    /** Standard normal draws (Box and Muller 1958: two of two words). */
    public static double[] gaussian(int d, IntUnaryOperator word) {
        double[] out = new double[d];
        for (int j = 0; j < d; j++) {
            double radius = Math.sqrt(-2 * Math.log(positive(word.applyAsInt(j - j % 2))));
            double angle = 2 * Math.PI * uniform(word.applyAsInt(j - j % 2 + 1));
            out[j] = radius * (j % 2 == 0 ? Math.cos(angle) : Math.sin(angle));
        }
        return out;
    }

    private static void scale(double[] values, double factor) {
        for (int j = 0; j < values.length; j++) {
            values[j] *= factor;
        }
    }

    private static double uniform(int word) {
        return (word >>> 8) * 0x1p-24;
    }

    private static double positive(int word) {
        return ((word >>> 8) + 1.0) * 0x1p-24;
    }
}
