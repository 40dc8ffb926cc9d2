package org.saddlepoint.attack;

import org.saddlepoint.threat.Norm;

/**
 * The basic iterative method (Kurakin et al. 2017, "Adversarial examples in the physical world", section 2.2): PGD from
 * the original itself.
 */
public final class Bim {
    private Bim() {}

    /**
     * BIM in the L-inf norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder, to be varied
     */
    public static Pgd.Builder linf(double epsilon) {
        return of(Norm.LINF, epsilon);
    }

    /**
     * BIM in the L2 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder, to be varied
     */
    public static Pgd.Builder l2(double epsilon) {
        return of(Norm.L2, epsilon);
    }

    /**
     * BIM in the L1 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder, to be varied
     */
    public static Pgd.Builder l1(double epsilon) {
        return of(Norm.L1, epsilon);
    }

    /**
     * BIM in a given norm.
     *
     * @param norm of the threat model
     * @param epsilon radius, finite and at least 0
     * @return a builder, to be varied
     */
    public static Pgd.Builder of(Norm norm, double epsilon) {
        return Pgd.of(norm, epsilon).name("bim").randomStart(false);
    }
}
