package org.saddlepoint.device;

/** The format to which operands of products inside an attack are rounded. All else stays float32. */
public enum Precision {
    /** No rounding. */
    FLOAT32("float32"),
    /** tf32 operands (10 bits of fraction), products and sums in float32: CUDA devices alone. */
    TF32("tf32"),
    /** bfloat16 operands, products and sums in float32. */
    BF16("bf16");

    private final String label;

    Precision(String label) {
        this.label = label;
    }

    /**
     * The name on the command line and in results.
     *
     * @return float32, tf32 or bf16
     */
    public String label() {
        return label;
    }
}
