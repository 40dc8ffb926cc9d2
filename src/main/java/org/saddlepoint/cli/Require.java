package org.saddlepoint.cli;

import org.saddlepoint.report.Figures;
import org.saddlepoint.threat.Norm;

/** Checks of option values: what was wrong, the value received, what would be right. */
final class Require {
    private Require() {}

    static void atLeast(String option, long value, long least) {
        if (value < least) {
            throw new UsageException(option + " is " + value + ": it must be at least " + least);
        }
    }

    static void atLeast(String option, double value, double least) {
        if (!(value >= least) || Double.isInfinite(value)) {
            throw new UsageException(
                    option + " is " + value + ": it must be a finite number of at least " + Figures.number(least));
        }
    }

    /** A radius; in L-inf, one beyond the whole box is a mistake in its unit. */
    static void epsilon(Norm norm, double value) {
        atLeast("--epsilon", value, 0);
        if (norm == Norm.LINF && value > 1) {
            throw new UsageException("--epsilon is " + Figures.number(value)
                    + ": in linf it must lie in 0..1, which is the whole range of a value; write 8/255 for 8 of 255");
        }
    }

    static void above(String option, double value, double bound) {
        if (!(value > bound) || Double.isInfinite(value)) {
            throw new UsageException(
                    option + " is " + value + ": it must be a finite number above " + Figures.number(bound));
        }
    }

    static void within(String option, double value, double low, double high) {
        if (!(value >= low && value <= high)) {
            throw new UsageException(option + " is " + Figures.number(value) + ": it must lie in " + Figures.number(low)
                    + ".." + Figures.number(high));
        }
    }
}
