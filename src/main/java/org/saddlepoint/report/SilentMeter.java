package org.saddlepoint.report;

import java.util.function.Supplier;

/** Shows nothing. */
final class SilentMeter implements Meter {
    @Override
    public void begin(String task, long total) {}

    @Override
    public void at(long done, Supplier<String> details) {}

    @Override
    public void say(String line) {}

    @Override
    public void end() {}
}
