package org.saddlepoint.device;

import org.jspecify.annotations.Nullable;

/** What every device asks of an operation's arguments, beyond the types and lengths of its buffers. */
public final class Checks {
    private Checks() {}

    /**
     * Statistics are of something.
     *
     * @param values over which each is taken
     * @param columns that have one each
     * @throws IllegalArgumentException where there are none
     */
    public static void statistics(long values, int columns) {
        if (values < 1 || columns < 1) {
            throw new IllegalArgumentException("statistics of " + columns + " columns over " + values
                    + " values each: at least 1 of both is needed");
        }
    }

    /**
     * The difference of logits ratio has the classes that it is made of.
     *
     * @param classes of the logits
     * @param targeted whether the ratio is towards a class
     * @throws IllegalArgumentException where there are too few
     */
    public static void ratio(int classes, boolean targeted) {
        int fewest = targeted ? 4 : 3;
        if (classes < fewest) {
            throw new IllegalArgumentException("the " + (targeted ? "targeted " : "")
                    + "difference of logits ratio (DLR) was asked for with " + classes + " classes: it needs at least "
                    + fewest + "; the margin works with fewer");
        }
    }

    /**
     * A class other than the label has a rank.
     *
     * @param rank 1 for the largest
     * @param classes of the logits
     * @throws IllegalArgumentException where none has this one
     */
    public static void rank(int rank, int classes) {
        if (rank < 1 || rank >= classes) {
            throw new IllegalArgumentException(
                    "rank is " + rank + ": of " + classes + " classes it must lie in 1.." + (classes - 1));
        }
    }

    /**
     * Columns lie within a row.
     *
     * @param columns their number
     * @param width of a row
     * @param at the first of them
     * @param what the matrix is called
     * @throws IllegalArgumentException where they do not
     */
    public static void columns(int columns, int width, int at, String what) {
        if (columns < 0 || at < 0 || at > width - columns) {
            throw new IllegalArgumentException(
                    columns + " columns from " + at + " do not lie within the " + width + " of the " + what);
        }
    }

    /**
     * A derivative is told from an activation's output.
     *
     * @param activation whose derivative is asked for
     * @param output of it
     * @throws IllegalArgumentException where it needs an output and has none
     */
    public static void derivative(Activation activation, @Nullable Buffer output) {
        if (output == null && activation.kind() != Activation.Kind.IDENTITY) {
            throw new IllegalArgumentException("the derivative of " + activation.kind() + " needs its output");
        }
    }

    /**
     * Cells with several gates keep a memory.
     *
     * @param kind of cell
     * @param memory of all steps
     * @throws IllegalArgumentException where there is none and should be
     */
    public static void memory(Recurrence.Kind kind, @Nullable Buffer memory) {
        if (memory == null && kind.gates() > 1) {
            throw new IllegalArgumentException(kind + " needs a memory");
        }
    }

    /**
     * The gradients of a GRU's hidden product are its own.
     *
     * @param kind of cell
     * @param dHidden with respect to U h + c
     * @throws IllegalArgumentException where there is none and should be
     */
    public static void hiddenGradient(Recurrence.Kind kind, @Nullable Buffer dHidden) {
        if (dHidden == null && kind == Recurrence.Kind.GRU) {
            throw new IllegalArgumentException("the gradient of a GRU needs one with respect to its hidden product");
        }
    }
}
