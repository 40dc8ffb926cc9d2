package org.saddlepoint.attack;

import org.saddlepoint.threat.Norm;

/**
 * FGSM with a random start (Wong et al. 2020, "Fast is better than free", algorithm 3): one step of 1.25 epsilon from a
 * uniform start in the ball, projected. The start may leave the box: clipped to it, training against this attack overfits
 * catastrophically on MNIST, where most pixels lie at the box's end.
 */
public final class FgsmRs {
    private FgsmRs() {}

    /**
     * FGSM-RS in the L-inf norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder, to be varied
     */
    public static Pgd.Builder linf(double epsilon) {
        return of(Norm.LINF, epsilon);
    }

    /**
     * FGSM-RS in the L2 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder, to be varied
     */
    public static Pgd.Builder l2(double epsilon) {
        return of(Norm.L2, epsilon);
    }

    /**
     * FGSM-RS in the L1 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder, to be varied
     */
    public static Pgd.Builder l1(double epsilon) {
        return of(Norm.L1, epsilon);
    }

    /**
     * FGSM-RS in a given norm.
     *
     * @param norm of the threat model
     * @param epsilon radius, finite and at least 0
     * @return a builder, to be varied
     */
    public static Pgd.Builder of(Norm norm, double epsilon) {
        return Pgd.of(norm, epsilon)
                .name("fgsm-rs")
                .steps(1)
                .relativeStepSize(1.25)
                .randomStart(true)
                .startInBox(false)
                .iterate(Iterate.LAST);
    }
}
