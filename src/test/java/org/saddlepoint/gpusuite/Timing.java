package org.saddlepoint.gpusuite;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.saddlepoint.device.Buffer;

/**
 * How long a call takes on a device, the queue drained at both ends of every repetition.
 *
 * @param seconds of one call, in each repetition, ascending
 */
record Timing(List<Double> seconds) {
    /** Calls that are queued before the queue is drained: none waits in a queue without bound. */
    private static final int MOST_CALLS = 20_000;

    /**
     * Times a call after a warm-up.
     *
     * @param sizes how long and how often
     * @param written a buffer that the call writes; reading from it waits for the device
     * @param call whose every run does the same work
     */
    static Timing of(Sizes sizes, Buffer written, Runnable call) {
        once(written, call, 1);
        double estimate = once(written, call, 1);
        estimate = Math.min(estimate, once(written, call, calls(sizes, estimate)));
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < sizes.repetitions(); i++) {
            seconds.add(once(written, call, calls(sizes, estimate)));
        }
        Collections.sort(seconds);
        return new Timing(seconds);
    }

    private static int calls(Sizes sizes, double estimate) {
        return (int) Math.clamp(sizes.seconds() / estimate, 1, MOST_CALLS);
    }

    private static double once(Buffer written, Runnable call, int calls) {
        drain(written);
        long begin = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            call.run();
        }
        drain(written);
        return (System.nanoTime() - begin) * 1e-9 / calls;
    }

    private static void drain(Buffer written) {
        written.read(new float[1], 0, 1);
    }

    double median() {
        int n = seconds.size();
        return (seconds.get((n - 1) / 2) + seconds.get(n / 2)) / 2;
    }

    double fastest() {
        return seconds.getFirst();
    }

    double slowest() {
        return seconds.getLast();
    }
}
