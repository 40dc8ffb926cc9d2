package org.saddlepoint.reference;

import java.util.Arrays;

/** Attack steps that remember earlier gradients, in plain double. */
public final class MomentumReference {
    private MomentumReference() {}

    /** Dong et al. 2018, equation 6, of one example. */
    public static double[] accumulate(double decay, double[] momentum, double[] gradient) {
        double size = Arrays.stream(gradient).map(Math::abs).sum();
        double[] next = new double[momentum.length];
        for (int j = 0; j < next.length; j++) {
            double added = size > 0 && Double.isFinite(size) ? gradient[j] / size : 0;
            next[j] = decay * momentum[j] + added;
        }
        return next;
    }
}
