package org.saddlepoint.model;

/** What a victim lets an attack know; each includes those after it. */
public enum Knowledge {
    /** Gradients with respect to the input: the model itself is at hand (white box). */
    GRADIENTS("gradients"),
    /** The logits of inputs that it is asked about. */
    LOGITS("logits"),
    /** Their classes alone. */
    LABELS("labels");

    private final String label;

    Knowledge(String label) {
        this.label = label;
    }

    /**
     * Whether this suffices where something is needed.
     *
     * @param needed by an attack
     * @return whether it is included
     */
    public boolean includes(Knowledge needed) {
        return ordinal() <= needed.ordinal();
    }

    @Override
    public String toString() {
        return label;
    }
}
