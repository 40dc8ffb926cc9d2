package org.saddlepoint.attack;

import java.util.List;
import org.saddlepoint.threat.Norm;

/**
 * AutoAttack, standard version (Croce and Hein 2020, "Reliable evaluation of adversarial robustness with an ensemble of
 * diverse parameter-free attacks"): APGD on cross-entropy, APGD on the targeted difference of logits ratio, FAB-T and
 * Square, each on what those before it left standing. Nothing of it needs tuning.
 *
 * <p>With fewer than four classes the difference of logits ratio does not exist; the margin takes its place.
 */
public final class AutoAttack {
    /** Of the score-based search, half of its own default. */
    private static final int QUERIES = 5000;

    private AutoAttack() {}

    /**
     * The standard version, for models whose input says what image it is; Square takes a flat input of d values for an image
     * of 1 x 1 x d.
     *
     * @param norm L-inf or L2
     * @param epsilon radius, finite and at least 0
     * @return apgd-ce, apgd-t, fab-t, square
     * @throws IllegalArgumentException for L1
     */
    public static Ensemble standard(Norm norm, double epsilon) {
        return standard(norm, epsilon, Square.of(norm, epsilon));
    }

    /**
     * The standard version for models with a flat input.
     *
     * @param norm L-inf or L2
     * @param epsilon radius, finite and at least 0
     * @param channels of the images that the input's values are, channel by channel, row by row
     * @param height in pixels
     * @param width in pixels
     * @return apgd-ce, apgd-t, fab-t, square
     * @throws IllegalArgumentException for L1
     */
    public static Ensemble standard(Norm norm, double epsilon, int channels, int height, int width) {
        return standard(norm, epsilon, Square.of(norm, epsilon).shape(channels, height, width));
    }

    private static Ensemble standard(Norm norm, double epsilon, Square.Builder square) {
        return new Ensemble(
                "autoattack",
                List.of(
                        Apgd.of(norm, epsilon).build(),
                        Apgd.of(norm, epsilon)
                                .targets(9)
                                .marginWhereFewClasses(true)
                                .build(),
                        Fab.of(norm, epsilon).targets(9).build(),
                        square.queries(QUERIES).build()));
    }
}
