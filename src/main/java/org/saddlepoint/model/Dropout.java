package org.saddlepoint.model;

/**
 * Drops values at random in weight updates and scales up the rest (Srivastava et al. 2014); does nothing elsewhere, in
 * attacks too.
 *
 * @param probability of a value to be dropped, in [0,1)
 */
public record Dropout(float probability) implements Layer {
    /** Checks the probability. */
    public Dropout {
        if (!(probability >= 0 && probability < 1)) {
            throw new IllegalArgumentException(
                    "probability of dropout is " + probability + ": it must be at least 0 and below 1");
        }
    }

    @Override
    public Shape output(Shape input) {
        return input;
    }
}
