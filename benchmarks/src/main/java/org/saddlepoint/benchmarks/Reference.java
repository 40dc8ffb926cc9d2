package org.saddlepoint.benchmarks;

/** What the operations are checked against: plain loops in double, independent of the library. */
final class Reference {
    private Reference() {}

    /** Reads a matrix element. */
    @FunctionalInterface
    interface Matrix {
        float at(int row, int column);
    }

    /**
     * Checks that each element of a rows x columns result is within the rounding error of a float32 sum of depth
     * products: (depth + 2) * 2^-24 * the sum of the products' magnitudes.
     */
    static void requireProduct(
            String what, int rows, int columns, int depth, Matrix a, Matrix b, float[] bias, boolean relu, float[] y) {
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                double sum = bias == null ? 0 : bias[c];
                double magnitude = Math.abs(sum);
                for (int k = 0; k < depth; k++) {
                    double product = (double) a.at(r, k) * b.at(k, c);
                    sum += product;
                    magnitude += Math.abs(product);
                }
                requireNear(
                        what,
                        r * columns + c,
                        relu ? Math.max(sum, 0) : sum,
                        y[r * columns + c],
                        (depth + 2) * 0x1p-24 * magnitude);
            }
        }
    }

    /** Checks one value. */
    static void requireNear(String what, int index, double expected, double found, double tolerance) {
        if (!(Math.abs(expected - found) <= tolerance)) {
            throw new IllegalStateException(
                    "%s: element %d is %s, expected %s within %s".formatted(what, index, found, expected, tolerance));
        }
    }
}
