package org.saddlepoint.device;

import java.util.Objects;

/**
 * An elementwise non-linearity, as a dense layer's epilogue or on its own.
 *
 * @param kind which
 * @param slope of the negative side of {@link Kind#LEAKY_RELU}; the cap of {@link Kind#CLIPPED_RELU}; otherwise 0
 */
public record Activation(Kind kind, float slope) {
    /** y = x. */
    public static final Activation IDENTITY = new Activation(Kind.IDENTITY, 0f);

    /** The functions; the order is that of the native interface. */
    public enum Kind {
        /** y = x. */
        IDENTITY,
        /** y = max(x, 0). */
        RELU,
        /** y = x where x &gt; 0, else slope * x. */
        LEAKY_RELU,
        /** y = tanh(x). */
        TANH,
        /** y = 1 / (1 + exp(-x)). */
        SIGMOID,
        /** y = min(max(x, 0), cap). */
        CLIPPED_RELU
    }

    /** Checks kind and slope. */
    public Activation {
        Objects.requireNonNull(kind, "an activation needs a kind");
        // The derivative is told from the output's sign, which a slope of zero or below would hide.
        if (kind == Kind.LEAKY_RELU && !(slope > 0 && slope < 1)) {
            throw new IllegalArgumentException("slope of leaky ReLU is " + slope + ": it must lie between 0 and 1");
        }
        if (kind == Kind.CLIPPED_RELU && !(slope > 0 && slope < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("cap of clipped ReLU is " + slope + ": it must be above 0 and finite");
        }
    }
}
