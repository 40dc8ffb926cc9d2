package org.saddlepoint.report;

import java.util.function.Supplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A live bar with elapsed time and time left. */
final class BarMeter implements Meter {
    private static final int REFRESH_MILLISECONDS = 100;

    private @Nullable ProgressBar bar;
    private long refreshed;

    @Override
    public void begin(String task, long total) {
        end();
        bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REFRESH_MILLISECONDS)
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .clearDisplayOnFinish()
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
}
