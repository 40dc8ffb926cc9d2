package org.saddlepoint.reference;

import org.saddlepoint.device.LossKind;

/** Losses of one example's logits z and label y, and their derivatives with respect to the logits. */
public final class LossReference {
    private LossReference() {}

    public static double value(LossKind kind, double[] z, int y) {
        return switch (kind) {
            case CROSS_ENTROPY -> crossEntropy(z, y);
            case MEAN_SQUARED_ERROR -> {
                double sum = 0;
                for (int j = 0; j < z.length; j++) {
                    double error = z[j] - (j == y ? 1 : 0);
                    sum += error * error;
                }
                yield sum / z.length;
            }
            case MARGIN -> z.length == 1 ? 0 : z[largestOther(z, y)] - z[y];
        };
    }

    public static double[] gradient(LossKind kind, double[] z, int y) {
        double[] g = new double[z.length];
        switch (kind) {
            case CROSS_ENTROPY -> {
                double others = 0;
                for (int j = 0; j < z.length; j++) {
                    if (j != y) {
                        // Softmax by way of the loss of class j: exact far down the tail.
                        g[j] = Math.exp(-crossEntropy(z, j));
                        others += g[j];
                    }
                }
                g[y] = -others;
            }
            case MEAN_SQUARED_ERROR -> {
                for (int j = 0; j < z.length; j++) {
                    g[j] = 2 * (z[j] - (j == y ? 1 : 0)) / z.length;
                }
            }
            case MARGIN -> {
                if (z.length > 1) {
                    g[largestOther(z, y)] = 1;
                    g[y] = -1;
                }
            }
        }
        return g;
    }

    /** Cross-entropy's gradient over exp(max of the other logits - log sum exp z): a positive multiple of it. */
    public static double[] rescaledCrossEntropyGradient(double[] z, int y) {
        double[] g = new double[z.length];
        double others = 0;
        for (int j = 0; j < z.length; j++) {
            if (j != y) {
                g[j] = Math.exp(z[j] - z[largestOther(z, y)]);
                others += g[j];
            }
        }
        g[y] = -others;
        return g;
    }

    /** The class of the largest logit; ties: the lowest. */
    public static int argMax(double[] z) {
        int best = 0;
        for (int j = 1; j < z.length; j++) {
            best = z[j] > z[best] ? j : best;
        }
        return best;
    }

    /** log sum exp z - z_y = log(1 + sum over the others of exp(z_j - z_y)). */
    private static double crossEntropy(double[] z, int y) {
        double largest = z[argMax(z)];
        double others = 0;
        for (int j = 0; j < z.length; j++) {
            others += j == y ? 0 : Math.exp(z[j] - largest);
        }
        return z[y] == largest ? Math.log1p(others) : Math.log(others + Math.exp(z[y] - largest)) + largest - z[y];
    }

    private static int largestOther(double[] z, int y) {
        int best = -1;
        for (int j = 0; j < z.length; j++) {
            if (j != y && (best < 0 || z[j] > z[best])) {
                best = j;
            }
        }
        return best;
    }
}
