package org.saddlepoint.reference;

/** The divergence between softmaxes of logits, and the loss of TRADES, of one example. */
public final class DivergenceReference {
    private DivergenceReference() {}

    /** KL(softmax(r) || softmax(z)). */
    public static double value(double[] z, double[] r) {
        double[] q = logSoftmax(z);
        double[] p = logSoftmax(r);
        double sum = 0;
        for (int j = 0; j < z.length; j++) {
            sum += Math.exp(p[j]) * (p[j] - q[j]);
        }
        return Math.max(0, sum);
    }

    /** Of {@link #value} with respect to z. */
    public static double[] gradient(double[] z, double[] r) {
        double[] q = logSoftmax(z);
        double[] p = logSoftmax(r);
        double[] g = new double[z.length];
        for (int j = 0; j < z.length; j++) {
            g[j] = Math.exp(q[j]) - Math.exp(p[j]);
        }
        return g;
    }

    /** Cross-entropy of the clean logits plus beta times the divergence of the perturbed from them. */
    public static double trades(double[] clean, double[] perturbed, int y, double beta) {
        return -logSoftmax(clean)[y] + beta * value(perturbed, clean);
    }

    /** Of {@link #trades} with respect to the clean logits. */
    public static double[] tradesGradient(double[] clean, double[] perturbed, int y, double beta) {
        double[] p = logSoftmax(clean);
        double[] q = logSoftmax(perturbed);
        double divergence = value(perturbed, clean);
        double[] g = new double[clean.length];
        for (int j = 0; j < g.length; j++) {
            double share = Math.exp(p[j]);
            g[j] = share - (j == y ? 1 : 0) + beta * share * (p[j] - q[j] - divergence);
        }
        return g;
    }

    private static double[] logSoftmax(double[] z) {
        double largest = z[LossReference.argMax(z)];
        double sum = 0;
        for (double value : z) {
            sum += Math.exp(value - largest);
        }
        double[] out = new double[z.length];
        for (int j = 0; j < z.length; j++) {
            out[j] = z[j] - largest - Math.log(sum);
        }
        return out;
    }
}
