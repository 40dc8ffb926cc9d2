package org.saddlepoint.attack;

import org.saddlepoint.threat.Norm;

/**
 * The fast gradient sign method (Goodfellow et al. 2015, "Explaining and harnessing adversarial examples", section 4):
 * one step of length epsilon from the original; in L2 the fast gradient method.
 */
public final class Fgsm {
    private Fgsm() {}

    /**
     * FGSM in the L-inf norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder, to be varied
     */
    public static Pgd.Builder linf(double epsilon) {
        return of(Norm.LINF, epsilon);
    }

    /**
     * FGSM in the L2 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder, to be varied
     */
    public static Pgd.Builder l2(double epsilon) {
        return of(Norm.L2, epsilon);
    }

    /**
     * FGSM in the L1 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder, to be varied
     */
    public static Pgd.Builder l1(double epsilon) {
        return of(Norm.L1, epsilon);
    }

    /**
     * FGSM in a given norm.
     *
     * @param norm of the threat model
     * @param epsilon radius, finite and at least 0
     * @return a builder, to be varied
     */
    public static Pgd.Builder of(Norm norm, double epsilon) {
        return Pgd.of(norm, epsilon)
                .name("fgsm")
                .steps(1)
                .relativeStepSize(1.0)
                .randomStart(false)
                .iterate(Iterate.LAST);
    }
}
