package org.saddlepoint.data;

import java.util.List;

/**
 * Brings features to [0,1], where attacks have their box: {@code (value - low) / (high - low)}, with each feature's
 * smallest and largest value in the training part. What lies outside, as values of other data may, is clipped. A feature that
 * never varied in training becomes 0, and 1 where it is larger.
 *
 * @param names of the features; empty where the table had no header
 * @param low each feature's smallest value in training, finite
 * @param high each feature's largest, finite, not below low
 */
public record Scaling(List<String> names, List<Double> low, List<Double> high) {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException where counts differ, a bound is not finite, or low is above high
     */
    public Scaling {
        names = List.copyOf(names);
        low = List.copyOf(low);
        high = List.copyOf(high);
        if (low.isEmpty() || low.size() != high.size() || (!names.isEmpty() && names.size() != low.size())) {
            throw new IllegalArgumentException("scaling with " + names.size() + " names, " + low.size() + " low and "
                    + high.size() + " high values: as many of each, at least one");
        }
        for (int i = 0; i < low.size(); i++) {
            if (!Double.isFinite(low.get(i)) || !Double.isFinite(high.get(i)) || low.get(i) > high.get(i)) {
                throw new IllegalArgumentException("scaling of feature " + (i + 1) + ": from " + low.get(i) + " to "
                        + high.get(i) + ", expected finite values in order");
            }
        }
    }

    /**
     * How many features it scales.
     *
     * @return at least 1
     */
    public int features() {
        return low.size();
    }

    /** Scales one row into {@code out} from {@code at} on; how many of its values were clipped. */
    int apply(double[] row, float[] out, int at) {
        int clipped = 0;
        for (int i = 0; i < row.length; i++) {
            double from = low.get(i);
            double to = high.get(i);
            double value = row[i];
            if (value < from) {
                clipped++;
                out[at + i] = 0f;
            } else if (value > to) {
                clipped++;
                out[at + i] = 1f;
            } else {
                // Halves, because the whole range of two doubles may pass the largest double.
                double range = to / 2 - from / 2;
                out[at + i] = range > 0 ? (float) Math.min(1, (value / 2 - from / 2) / range) : 0f;
            }
        }
        return clipped;
    }
}
