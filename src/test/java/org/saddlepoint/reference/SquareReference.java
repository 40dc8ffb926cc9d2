package org.saddlepoint.reference;

import java.util.function.IntUnaryOperator;

/** The Square attack's start and proposals (Andriushchenko et al. 2020, algorithms 2 and 3) of one image, not projected. */
public final class SquareReference {
    private final int channels;
    private final int height;
    private final int width;
    private final int rows;
    private final int columns;
    /** 2 x rows x columns for L2, else empty. */
    private final double[] bumps;

    public SquareReference(int channels, int height, int width, int rows, int columns, double... bumps) {
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.rows = rows;
        this.columns = columns;
        this.bumps = bumps;
    }

    /** The values of the image's element j at a window's place; -1 where it lies outside. */
    private int within(int j, int row, int column) {
        int r = j / width % height - row;
        int q = j % width - column;
        return r < 0 || r >= rows || q < 0 || q >= columns ? -1 : r * columns + q;
    }

    private double bump(int word, int e) {
        return bumps.length == 0 ? 1 : bumps[(word < 0 ? rows * columns : 0) + e];
    }

    private static int sign(int word) {
        return word < 0 ? 1 : -1;
    }

    public double[] start(double amplitude, double[] origin, IntUnaryOperator word) {
        double[] out = origin.clone();
        int tile = 0;
        for (int row = height % rows / 2; row + rows <= height; row += rows) {
            for (int column = width % columns / 2; column + columns <= width; column += columns) {
                for (int j = 0; j < out.length; j++) {
                    int e = within(j, row, column);
                    if (e >= 0) {
                        int choice = word.applyAsInt(tile);
                        int sign = sign(word.applyAsInt(tile + 1 + j / (height * width)));
                        out[j] += sign * amplitude * bump(choice, e);
                    }
                }
                tile += channels + 1;
            }
        }
        return out;
    }

    /** Row and column of the first window, and of the second. */
    public int[] places(IntUnaryOperator word) {
        int[] places = new int[4];
        for (int k = 0; k < 4; k++) {
            long many = 1L + (k % 2 == 0 ? height - rows : width - columns);
            places[k] = (int) ((Integer.toUnsignedLong(word.applyAsInt(k)) * many) >>> 32);
        }
        return places;
    }

    public double[] proposal(double epsilon, double[] point, double[] origin, IntUnaryOperator word) {
        int[] at = places(word);
        double[] out = point.clone();
        int area = height * width;
        double total = 0;
        for (int j = 0; j < point.length; j++) {
            total += (point[j] - origin[j]) * (point[j] - origin[j]);
        }
        for (int channel = 0; channel < channels; channel++) {
            int sign = sign(word.applyAsInt(5 + channel));
            double kept = 0;
            double both = 0;
            for (int j = channel * area; j < (channel + 1) * area; j++) {
                double square = (point[j] - origin[j]) * (point[j] - origin[j]);
                boolean first = within(j, at[0], at[1]) >= 0;
                kept += first ? square : 0;
                both += first || within(j, at[2], at[3]) >= 0 ? square : 0;
            }
            double[] change = new double[area];
            double length = 0;
            for (int k = 0; k < area; k++) {
                int j = channel * area + k;
                int e = within(j, at[0], at[1]);
                if (e >= 0) {
                    double old = kept > 0 ? (point[j] - origin[j]) / Math.sqrt(kept) : 0;
                    change[k] = sign * bump(word.applyAsInt(4), e) + old;
                    length += change[k] * change[k];
                }
            }
            double unused = Math.max(epsilon * epsilon - total, 0) / channels;
            for (int k = 0; k < area; k++) {
                int j = channel * area + k;
                if (bumps.length == 0) {
                    out[j] += within(j, at[0], at[1]) >= 0 ? sign * 2 * epsilon : 0;
                } else if (within(j, at[0], at[1]) >= 0) {
                    out[j] = origin[j] + (length > 0 ? change[k] * Math.sqrt((both + unused) / length) : 0);
                } else if (within(j, at[2], at[3]) >= 0) {
                    out[j] = origin[j];
                }
            }
        }
        return out;
    }
}
