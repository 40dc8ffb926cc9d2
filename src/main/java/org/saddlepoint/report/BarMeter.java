package org.saddlepoint.report;

import java.util.function.Supplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A live bar in one line, with elapsed time and time left. */
final class BarMeter implements Meter {
    private static final int REFRESH_MILLISECONDS = 100;

    private final int columns;
    private @Nullable ProgressBar bar;
    private long refreshed;

    /**
     * A bar.
     *
     * @param columns of the terminal
     */
    BarMeter(int columns) {
        this.columns = columns;
    }

    @Override
    public void begin(String task, long total) {
        end();
        bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REFRESH_MILLISECONDS)
                .setConsumer(new OneLine(columns))
                .build();
        refreshed = System.nanoTime();
    }

    @Override
    public void at(long done, Supplier<String> details) {
        ProgressBar current = bar;
        long now = System.nanoTime();
        if (current == null || now - refreshed < REFRESH_MILLISECONDS * 1_000_000L) {
            return;
        }
        refreshed = now;
        current.setExtraMessage(details.get());
        current.stepTo(done);
    }

    @Override
    public void say(String line) {
        end();
        System.err.println(line);
    }

    @Override
    public void end() {
        ProgressBar current = bar;
        if (current != null) {
            current.close();
            bar = null;
        }
    }

    /**
     * The last line of standard error. (The library's own consumer asks jline for the terminal's width, and jline takes
     * over Ctrl-C.)
     */
    private record OneLine(int columns) implements ProgressBarConsumer {
        @Override
        public int getMaxRenderedLength() {
            return columns - 1;
        }

        @Override
        public void accept(String rendered) {
            System.err.print('\r' + rendered);
            System.err.flush();
        }

        @Override
        public void clear() {
            System.err.print('\r' + " ".repeat(columns - 1) + '\r');
            System.err.flush();
        }

        @Override
        public void close() {
            clear();
        }
    }
}
