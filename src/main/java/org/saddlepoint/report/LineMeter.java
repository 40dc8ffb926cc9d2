package org.saddlepoint.report;

import java.util.Locale;
import java.util.function.Supplier;

/** Plain lines, one every few seconds at most: short work shows none but its {@link #say}. */
final class LineMeter implements Meter {
    private static final double SECONDS_BETWEEN = 5;

    private String task = "";
    private long total;
    private long started;
    private long shown;

    @Override
    public void begin(String name, long units) {
        task = name;
        total = units;
        started = System.nanoTime();
        shown = started;
    }

    @Override
    public void at(long done, Supplier<String> details) {
        long now = System.nanoTime();
        if ((now - shown) * 1e-9 < SECONDS_BETWEEN || done >= total || done <= 0) {
            return;
        }
        shown = now;
        double left = (now - started) * 1e-9 * (total - done) / done;
        String text = details.get();
        System.err.printf(
                Locale.ROOT,
                "%s: %d %%%s, %s left%n",
                task,
                100 * done / total,
                text.isEmpty() ? "" : ", " + text,
                Figures.duration(left));
    }

    @Override
    public void say(String line) {
        System.err.println(line);
    }

    @Override
    public void end() {}
}
