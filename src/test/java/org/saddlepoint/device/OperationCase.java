package org.saddlepoint.device;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;

/**
 * One operation at one size, with its inputs.
 *
 * @param size how failures call it
 * @param rows how many rows may be computed apart from one another; 1 where the operation mixes its rows
 * @param run computes some rows on a device
 * @param expected what all rows should be
 */
record OperationCase(String size, int rows, Run run, Supplier<Expected> expected) {
    static final int[] ROWS = {1, 7, 31, 33, 64, 100};
    static final int[] WIDTHS = {1, 2, 10, 15, 16, 17, 31, 32, 33, 127, 128, 784};

    /** Computes rows [from, to): all outputs of a row stand together. */
    @FunctionalInterface
    interface Run {
        double[] rows(Bench bench, int from, int to);
    }

    /** Values, and the largest deviation of each that rounding explains. */
    @SuppressWarnings("ArrayRecordComponent") // a pair of results, never compared
    record Expected(double[] values, double[] tolerances) {
        static Expected exactly(double[] values) {
            return new Expected(values, new double[values.length]);
        }
    }

    /** The same inputs in every run: a seed from what the case is called. */
    static Random random(String size) {
        return new Random(size.hashCode());
    }

    static float[] cut(float[] values, int width, int from, int to) {
        return Arrays.copyOfRange(values, from * width, to * width);
    }

    static int[] cut(int[] values, int from, int to) {
        return Arrays.copyOfRange(values, from, to);
    }

    static double[] row(double[] values, int width, int i) {
        return Arrays.copyOfRange(values, i * width, (i + 1) * width);
    }

    /** Each row's part of several outputs, brought together. */
    static double[] interleave(int rows, double[]... outputs) {
        int total = Arrays.stream(outputs).mapToInt(output -> output.length).sum();
        double[] out = new double[total];
        int at = 0;
        for (int i = 0; i < rows; i++) {
            for (double[] output : outputs) {
                int width = output.length / rows;
                System.arraycopy(output, i * width, out, at, width);
                at += width;
            }
        }
        return out;
    }
}
