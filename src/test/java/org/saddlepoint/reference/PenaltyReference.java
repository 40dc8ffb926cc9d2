package org.saddlepoint.reference;

/** Carlini and Wagner's attack (2017, section VI.A) on one example, in plain double. */
public final class PenaltyReference {
    /** Adam's moments and the iterate, in w and in the box. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record State(double[] first, double[] second, double[] w, double[] x) {}

    private PenaltyReference() {}

    /** The w of an original value: short of the ends, where tanh has no inverse. */
    public static double inverse(double x) {
        double u = (1 - 1e-6) * (2 * x - 1);
        return Math.log((1 + u) / (1 - u)) / 2;
    }

    /**
     * A step of Adam down |x - origin|^2 + c f.
     *
     * @param gradient of f with respect to x
     */
    public static State step(
            State state, double[] origin, double c, double[] gradient, double stepSize, double rootCorrection) {
        int d = origin.length;
        State next = new State(new double[d], new double[d], new double[d], new double[d]);
        for (int j = 0; j < d; j++) {
            double tanh = Math.tanh(state.w[j]);
            double pushed = c == 0 ? 0 : c * gradient[j];
            double g = (2 * (state.x[j] - origin[j]) + pushed) * (1 - tanh * tanh) / 2;
            next.first[j] = 0.9 * state.first[j] + 0.1 * g;
            next.second[j] = 0.999 * state.second[j] + 0.001 * g * g;
            next.w[j] = state.w[j] - stepSize * next.first[j] / (Math.sqrt(next.second[j]) / rootCorrection + 1e-8);
            next.x[j] = (Math.tanh(next.w[j]) + 1) / 2;
        }
        return next;
    }
}
