package org.saddlepoint.reference;

import org.saddlepoint.threat.Norm;

/** APGD of one example, in double, written after algorithm 1 and section 3.2 of Croce and Hein (2020) line by line. */
public final class AscentReference {
    /** A loss and its gradient with respect to the input. */
    public interface Objective {
        double value(double[] x);

        double[] gradient(double[] x);
    }

    private AscentReference() {}

    /** Line 7 and 8: the step, and the mix with the momentum, before its projection. */
    public static double[] step(
            Norm norm,
            double epsilon,
            double size,
            double a,
            double[] x,
            double[] previous,
            double[] g,
            double[] origin) {
        double[] z = BallReference.project(norm, epsilon, BallReference.ascend(norm, size, 1, x, g), origin);
        double[] out = new double[x.length];
        for (int j = 0; j < x.length; j++) {
            out[j] = x[j] + a * (z[j] - x[j]) + (1 - a) * (x[j] - previous[j]);
        }
        return out;
    }

    /** What a run went through: the step size of every step, and the highest loss of its iterates. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Trace(double[] stepSizes, double best, double[] bestX) {}

    public static Trace run(
            Norm norm, double epsilon, int steps, double rho, double[] origin, double[] start, Objective objective) {
        double[] losses = new double[steps + 1];
        double[] sizes = new double[steps];
        double[] x = start;
        double[] previous = start;
        double[] g = objective.gradient(x);
        losses[0] = objective.value(x);
        double best = losses[0];
        double[] bestX = x;
        double size = 2 * epsilon;
        double window = Math.max((int) (0.22 * steps), 1);
        int last = 0; // the last checkpoint
        boolean halved = true;
        double bestThen = best;
        for (int k = 1; k <= steps; k++) {
            sizes[k - 1] = size;
            double[] next = BallReference.project(
                    norm, epsilon, step(norm, epsilon, size, k == 1 ? 1 : 0.75, x, previous, g, origin), origin);
            previous = x;
            x = next;
            losses[k] = objective.value(x);
            g = objective.gradient(x);
            if (losses[k] > best) {
                best = losses[k];
                bestX = x;
            }
            if (k == last + (int) window) {
                int rises = 0;
                for (int i = last + 1; i <= k; i++) {
                    rises += losses[i] > losses[i - 1] ? 1 : 0;
                }
                boolean seldom = rises <= rho * window;
                boolean stuck = !halved && bestThen >= best;
                halved = seldom || stuck;
                if (halved) {
                    size /= 2;
                    x = bestX;
                    g = objective.gradient(x);
                }
                bestThen = best;
                last = k;
                window = Math.max(window - Math.max((int) (0.03 * steps), 1), Math.max((int) (0.06 * steps), 1));
            }
        }
        return new Trace(sizes, best, bestX);
    }
}
