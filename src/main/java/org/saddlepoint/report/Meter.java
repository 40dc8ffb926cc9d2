package org.saddlepoint.report;

import java.util.function.Supplier;

/** Shows on standard error how far work is: a live bar on a terminal, plain lines elsewhere, or nothing. */
public interface Meter extends AutoCloseable {
    /**
     * The meter for a place.
     *
     * @param quiet whether to show nothing at all
     * @param columns of the terminal that standard error is; 0 if it is none
     * @return to be closed by the caller
     */
    static Meter of(boolean quiet, int columns) {
        if (quiet) {
            return new SilentMeter();
        }
        return columns > 0 ? new BarMeter(columns) : new LineMeter();
    }

    /**
     * Begins a piece of work, ending the one before.
     *
     * @param task what is done
     * @param total units of it
     */
    void begin(String task, long total);

    /**
     * Says how far the work is; cheap when called often.
     *
     * @param done units so far
     * @param details further figures, computed only when they are shown
     */
    void at(long done, Supplier<String> details);

    /**
     * Shows a line that stays, ending the work in progress.
     *
     * @param line without a line end
     */
    void say(String line);

    /** Ends the work in progress; nothing of it stays on the terminal. */
    void end();

    @Override
    default void close() {
        end();
    }
}
