package org.saddlepoint.reference;

import org.saddlepoint.threat.Norm;

/** Steps to a linearised boundary within the box [0,1], of one example. */
public final class BoundaryReference {
    private BoundaryReference() {}

    /**
     * The shortest way from a point to value + (w, u - point) = 0 within the box, by bisection; to where the box comes
     * closest if it holds no such point.
     */
    public static double[] way(Norm norm, double value, double[] w, double[] point) {
        double side = value < 0 ? 1 : -1;
        double low = 0;
        double high = 1;
        while (high < 1e30
                && value + dot(w, way(norm, high, side, w, point)) != 0
                && side * (value + dot(w, way(norm, high, side, w, point))) < 0) {
            high *= 2;
        }
        for (int i = 0; i < 300; i++) {
            double middle = (low + high) / 2;
            if (side * (value + dot(w, way(norm, middle, side, w, point))) < 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return way(norm, high, side, w, point);
    }

    private static double[] way(Norm norm, double t, double side, double[] w, double[] point) {
        double[] delta = new double[w.length];
        for (int j = 0; j < w.length; j++) {
            double moved = point[j] + side * (norm == Norm.LINF ? t * Math.signum(w[j]) : t * w[j]);
            delta[j] = Math.min(Math.max(moved, 0), 1) - point[j];
        }
        return delta;
    }

    public static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += a[j] * b[j];
        }
        return sum;
    }

    /** The step of FAB (Croce and Hein 2020, algorithm 1, line 6) from x about its origin; value and w are those at x. */
    public static double[] step(
            Norm norm, double value, double[] w, double[] x, double[] origin, double mostOrigin, double overshoot) {
        double[] back = new double[x.length];
        for (int j = 0; j < x.length; j++) {
            back[j] = origin[j] - x[j];
        }
        double[] here = way(norm, value, w, x);
        double[] there = way(norm, value + dot(w, back), w, origin);
        double[] zero = new double[x.length];
        double length = BallReference.distance(norm, here, zero);
        double both = length + BallReference.distance(norm, there, zero);
        double share = both > 0 ? Math.min(length / both, mostOrigin) : 0;
        double[] out = new double[x.length];
        for (int j = 0; j < x.length; j++) {
            double mixed = (1 - share) * (x[j] + overshoot * here[j]) + share * (origin[j] + overshoot * there[j]);
            out[j] = Math.min(Math.max(mixed, 0), 1);
        }
        return out;
    }
}
