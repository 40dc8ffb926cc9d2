package org.saddlepoint.device;

import java.util.Objects;

/**
 * An elementwise non-linearity, as a dense layer's epilogue or on its own.
 *
 * @param kind which
 * @param slope of the negative side; of {@link Kind#LEAKY_RELU} alone
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
        SIGMOID
    }

    /** Checks kind and slope. */
    public Activation {
        Objects.requireNonNull(kind, "an activation needs a kind");
        // The derivative is told from the output's sign, which a slope of zero or below would hide.
        if (kind == Kind.LEAKY_RELU && !(slope > 0 && slope < 1)) {
            throw new IllegalArgumentException("slope of leaky ReLU is " + slope + ": it must lie between 0 and 1");
        }
    }
}
