package org.saddlepoint.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import org.saddlepoint.evaluate.Accuracy;

/** How figures are written for people. */
public final class Figures {
    private Figures() {}

    /**
     * A share.
     *
     * @param share 0 to 1
     * @return such as {@code 97.35 %}
     */
    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    /**
     * An accuracy with its 95 percent confidence interval.
     *
     * @param accuracy to be shown
     * @return such as {@code 97.35 % [97.02, 97.65]}
     */
    public static String percentWithInterval(Accuracy accuracy) {
        return String.format(
                Locale.ROOT,
                "%.2f %% [%.2f, %.2f]",
                100 * accuracy.value(),
                100 * accuracy.low(),
                100 * accuracy.high());
    }

    /**
     * The 95 percent confidence interval of an accuracy, for JSON.
     *
     * @param accuracy to be shown
     * @return low and high, 0 to 1
     */
    public static List<Double> interval(Accuracy accuracy) {
        return List.of(accuracy.low(), accuracy.high());
    }

    /**
     * A count with separators.
     *
     * @param value any number
     * @return such as {@code 101,770}
     */
    public static String count(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    /**
     * A duration.
     *
     * @param seconds at least 0
     * @return such as {@code 4.2 s} or {@code 3 min 20 s}
     */
    public static String duration(double seconds) {
        if (seconds < 100) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        long whole = Math.round(seconds);
        return whole / 60 + " min " + whole % 60 + " s";
    }

    /**
     * A number in up to five digits.
     *
     * @param value any number
     * @return such as {@code 0.031}
     */
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(5)).stripTrailingZeros();
        double size = Math.abs(value);
        return size == 0 || (size >= 1e-5 && size < 1e7) ? rounded.toPlainString() : rounded.toString();
    }
}
