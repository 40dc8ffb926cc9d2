package org.saddlepoint.reference;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Losses towards one class, of one example's logits z and label y, and their derivatives with respect to the logits. */
public final class RatioReference {
    private RatioReference() {}

    /** Classes by their logits, largest first, ties by class. */
    public static int[] order(double[] z) {
        return IntStream.range(0, z.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer j) -> -z[j]).thenComparing(Comparator.naturalOrder()))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** The class of the rank-th largest logit other than the label's. */
    public static int ranked(double[] z, int y, int rank) {
        return Arrays.stream(order(z)).filter(j -> j != y).toArray()[rank - 1];
    }

    /** -(z_y - z_t) / (z_p1 - (z_p3 + z_p4) / 2 + 1e-12); untargeted: t the largest other class, p4 = p3. */
    public static double value(double[] z, int y, int t, boolean targeted) {
        return (z[t] - z[y]) / spread(z, targeted);
    }

    private static double spread(double[] z, boolean targeted) {
        int[] p = order(z);
        return z[p[0]] - (z[p[2]] + z[p[targeted ? 3 : 2]]) / 2 + 1e-12;
    }

    /** How large the parts are of which a gradient is the sum. */
    public static double parts(double[] z, int y, int t, boolean targeted) {
        return (1 + Math.abs(value(z, y, t, targeted))) / spread(z, targeted);
    }

    /** By the quotient rule, over the classes' roles. */
    public static double[] gradient(double[] z, int y, int t, boolean targeted) {
        double[] g = new double[z.length];
        double spread = spread(z, targeted);
        int[] p = order(z);
        double ofSpread = -(z[t] - z[y]) / (spread * spread);
        g[t] += 1 / spread;
        g[y] -= 1 / spread;
        g[p[0]] += ofSpread;
        g[p[2]] -= ofSpread / 2;
        g[p[targeted ? 3 : 2]] -= ofSpread / 2;
        return g;
    }
}
