package org.saddlepoint.threat;

/**
 * What an attacker may do: move an input by at most {@code epsilon} in a norm, and never out of the box [0,1].
 *
 * @param norm how the perturbation is measured
 * @param epsilon the radius, in the inputs' own units, finite and at least 0
 */
public record ThreatModel(Norm norm, float epsilon) {
    /** Checks the radius. */
    public ThreatModel {
        if (!(epsilon >= 0) || Float.isInfinite(epsilon)) {
            throw new IllegalArgumentException("epsilon is " + epsilon + ": it must be a finite number of at least 0");
        }
    }

    /**
     * A threat model whose radius is the largest float32 not above the value given.
     *
     * @param norm how the perturbation is measured
     * @param epsilon the radius, finite and at least 0
     * @return the threat model
     */
    public static ThreatModel of(Norm norm, double epsilon) {
        float rounded = (float) epsilon;
        return new ThreatModel(norm, rounded > epsilon ? Math.nextDown(rounded) : rounded);
    }

    /**
     * Whether an input is inside ball and box: both tested exactly, in double on the stored values.
     *
     * @param origin values of the original inputs
     * @param x values of the perturbed inputs
     * @param offset where the input starts in both
     * @param length values of an input
     * @return true if it is
     */
    public boolean allows(float[] origin, float[] x, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (!(x[i] >= 0f && x[i] <= 1f)) {
                return false;
            }
        }
        return norm.distance(origin, offset, x, offset, length) <= epsilon;
    }
}
