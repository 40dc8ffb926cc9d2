package org.saddlepoint.reference;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.saddlepoint.threat.Norm;

/** Distances, projections onto ball and box, and attack steps, of one example. */
public final class BallReference {
    private BallReference() {}

    public static double distance(Norm norm, double[] x, double[] origin) {
        double total = 0;
        for (int j = 0; j < x.length; j++) {
            double delta = Math.abs(x[j] - origin[j]);
            total = switch (norm) {
                case LINF -> Math.max(total, delta);
                case L2 -> total + delta * delta;
                case L1 -> total + delta;
            };
        }
        return norm == Norm.L2 ? Math.sqrt(total) : total;
    }

    /** Onto the ball, then onto the box; L1: onto both together. */
    public static double[] project(Norm norm, double epsilon, double[] x, double[] origin) {
        return switch (norm) {
            case LINF -> {
                double[] out = new double[x.length];
                for (int j = 0; j < x.length; j++) {
                    out[j] = box(Math.min(Math.max(x[j], origin[j] - epsilon), origin[j] + epsilon));
                }
                yield out;
            }
            case L2 -> {
                double distance = distance(norm, x, origin);
                double factor = distance > epsilon ? epsilon / distance : 1;
                double[] out = new double[x.length];
                for (int j = 0; j < x.length; j++) {
                    out[j] = box(origin[j] + factor * (x[j] - origin[j]));
                }
                yield out;
            }
            case L1 -> projectL1(epsilon, x, origin);
        };
    }

    /** The nearest point of ball and box: soft thresholds of one lambda, cut at the box; lambda by bisection. */
    private static double[] projectL1(double epsilon, double[] x, double[] origin) {
        double[] out = thresholded(0, x, origin);
        if (distance(Norm.L1, out, origin) <= epsilon) {
            return out;
        }
        double low = 0;
        double high = distance(Norm.LINF, x, origin);
        for (int i = 0; i < 200; i++) {
            double middle = (low + high) / 2;
            if (distance(Norm.L1, thresholded(middle, x, origin), origin) > epsilon) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return thresholded(high, x, origin);
    }

    private static double[] thresholded(double lambda, double[] x, double[] origin) {
        double[] out = new double[x.length];
        for (int j = 0; j < x.length; j++) {
            double delta = x[j] - origin[j];
            out[j] = box(origin[j] + Math.signum(delta) * Math.max(Math.abs(delta) - lambda, 0));
        }
        return out;
    }

    /** x moved up the gradient g, not projected. */
    public static double[] ascend(Norm norm, double stepSize, int top, double[] x, double[] g) {
        double[] out = x.clone();
        switch (norm) {
            case LINF -> {
                for (int j = 0; j < x.length; j++) {
                    out[j] += stepSize * Math.signum(g[j]);
                }
            }
            case L2 -> {
                double length = distance(norm, g, new double[g.length]);
                for (int j = 0; j < x.length && length > 0; j++) {
                    out[j] += stepSize * g[j] / length;
                }
            }
            case L1 -> {
                int[] free = IntStream.range(0, x.length)
                        .filter(j -> (g[j] > 0 && x[j] < 1) || (g[j] < 0 && x[j] > 0))
                        .boxed()
                        .sorted(Comparator.comparingDouble((Integer j) -> -Math.abs(g[j]))
                                .thenComparing(Comparator.naturalOrder()))
                        .mapToInt(Integer::intValue)
                        .toArray();
                int[] moved = Arrays.copyOf(free, Math.min(top, free.length));
                for (int j : moved) {
                    out[j] += stepSize / moved.length * Math.signum(g[j]);
                }
            }
        }
        return out;
    }

    private static double box(double v) {
        return Math.min(Math.max(v, 0), 1);
    }
}
