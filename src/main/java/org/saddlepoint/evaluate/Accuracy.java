package org.saddlepoint.evaluate;

/**
 * A share of examples, with what the sample size lets one say about it.
 *
 * @param correct examples that count
 * @param total examples in all
 */
public record Accuracy(int correct, int total) {
    /** The two-sided 95 percent point of the normal distribution. */
    private static final double Z = 1.959963984540054;

    /** Checks the counts. */
    public Accuracy {
        if (correct < 0 || correct > total) {
            throw new IllegalArgumentException(correct + " of " + total + " examples");
        }
    }

    /**
     * The share.
     *
     * @return 0 to 1; NaN of no examples
     */
    public double value() {
        return total == 0 ? Double.NaN : (double) correct / total;
    }

    /**
     * The lower end of the 95 percent confidence interval (Wilson 1927).
     *
     * @return 0 to 1
     */
    public double low() {
        return total == 0 ? 0 : Math.max(0, centre() - halfWidth());
    }

    /**
     * The upper end of the 95 percent confidence interval (Wilson 1927).
     *
     * @return 0 to 1
     */
    public double high() {
        return total == 0 ? 1 : Math.min(1, centre() + halfWidth());
    }

    private double centre() {
        return (value() + Z * Z / (2 * total)) / (1 + Z * Z / total);
    }

    private double halfWidth() {
        double p = value();
        return Z * Math.sqrt(p * (1 - p) / total + Z * Z / (4.0 * total * total)) / (1 + Z * Z / total);
    }
}
