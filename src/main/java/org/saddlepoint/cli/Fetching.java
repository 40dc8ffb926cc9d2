package org.saddlepoint.cli;

import org.saddlepoint.data.DatasetFetcher;
import org.saddlepoint.data.FetchListener;
import org.saddlepoint.report.Meter;

/** Shows how a fetch goes. */
final class Fetching implements FetchListener {
    private final Meter meter;
    private String current = "";

    private Fetching(Meter meter) {
        this.meter = meter;
    }

    static DatasetFetcher with(Meter meter) {
        return DatasetFetcher.standard().listener(new Fetching(meter));
    }

    @Override
    public void progressed(String source, String file, long done, long total) {
        if (done == 0 && current.isEmpty()) {
            meter.say("fetching from " + source + " (once, into the cache)");
        }
        if (!file.equals(current)) {
            current = file;
            meter.begin(file, total);
        }
        meter.at(done, () -> "");
    }

    @Override
    public void failed(String source, String reason) {
        current = "";
        meter.say(source + ": " + reason);
    }
}
