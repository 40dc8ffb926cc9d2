package org.saddlepoint.attack;

/**
 * The bumps of the L2 Square attack (Andriushchenko et al. 2020, section 3.3, eta): two halves of a window, one up and one
 * down, each falling from its middle outwards.
 */
final class SquareBumps {
    private SquareBumps() {}

    /** Of length 1: first the one whose halves lie above one another, then the one whose halves lie side by side. */
    static float[] of(int rows, int columns) {
        boolean across = rows > 1 || columns == 1;
        boolean along = columns > 1 || rows == 1;
        float[] values = new float[2 * rows * columns];
        put(rows, columns, across, values, 0);
        put(rows, columns, !along, values, rows * columns);
        return values;
    }

    private static void put(int rows, int columns, boolean above, float[] out, int at) {
        int half = (above ? rows : columns) / 2;
        double[] upper = above ? half(half, columns) : half(rows, half);
        double[] lower = above ? half(rows - half, columns) : half(rows, columns - half);
        double scale = half == 0 ? 1 : Math.sqrt(0.5);
        for (int r = 0; r < rows; r++) {
            for (int q = 0; q < columns; q++) {
                boolean first = (above ? r : q) < half;
                double value = above
                        ? (first ? upper[r * columns + q] : -lower[(r - half) * columns + q])
                        : (first ? upper[r * half + q] : -lower[r * (columns - half) + q - half]);
                out[at + r * columns + q] = (float) (scale * value);
            }
        }
    }

    /** The sum of 1/k^2 over the rings k that hold an element, rings counted from the middle; of length 1. */
    private static double[] half(int rows, int columns) {
        double[] values = new double[rows * columns];
        int rings = Math.max(rows / 2, columns / 2) + 1;
        double squares = 0;
        for (int e = 0; e < values.length; e++) {
            int ring = Math.max(Math.abs(e / columns - rows / 2), Math.abs(e % columns - columns / 2));
            for (int k = ring + 1; k <= rings; k++) {
                values[e] += 1.0 / k / k;
            }
            squares += values[e] * values[e];
        }
        for (int e = 0; e < values.length; e++) {
            values[e] /= Math.sqrt(squares);
        }
        return values;
    }
}
