package org.saddlepoint.threat;

import java.util.Locale;

/** The norm in which a perturbation is measured. The order is that of the native interface. */
public enum Norm {
    /** The largest absolute change of any value. */
    LINF,
    /** The Euclidean length of the perturbation. */
    L2,
    /** The sum of absolute changes. */
    L1;

    /**
     * The distance of two inputs, computed in double on the stored float32 values.
     *
     * @param x values of one input
     * @param xOffset where the input starts in {@code x}
     * @param y values of the other
     * @param yOffset where it starts in {@code y}
     * @param length values of an input
     * @return the distance, NaN if any value is NaN
     */
    public double distance(float[] x, int xOffset, float[] y, int yOffset, int length) {
        double total = 0;
        for (int i = 0; i < length; i++) {
            double delta = Math.abs((double) x[xOffset + i] - (double) y[yOffset + i]);
            total = switch (this) {
                case LINF -> Math.max(total, delta);
                case L2 -> total + delta * delta;
                case L1 -> total + delta;
            };
        }
        return this == L2 ? Math.sqrt(total) : total;
    }

    /**
     * The name on the command line and in results.
     *
     * @return linf, l2 or l1
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
