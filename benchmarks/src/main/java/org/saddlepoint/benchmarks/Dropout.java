package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.RandomStream;

/** Dropout of half of the values. */
public class Dropout extends RowsBenchmark {
    private static final RandomStream RANDOM = new RandomStream(1, RandomStream.Purpose.DROPOUT, 1);

    /** Examples x values. */
    @Param({"256x1024", "61x785"})
    public String shape;

    private Buffer indices;

    @Override
    String shape() {
        return shape;
    }

    @Override
    void prepareMore() {
        indices = buffer(integers(rows, 60_000));
    }

    /** One batch. */
    @Benchmark
    public void run(Work work) {
        operations.normalizations().dropout(rows, columns, xBuffer, indices, RANDOM, null, 0, 0.5f, out);
        count(work, 8);
    }

    @Override
    void check() {
        float[] y = out.floats(rows * columns);
        int kept = 0;
        for (int i = 0; i < y.length; i++) {
            kept += y[i] != 0 ? 1 : 0;
            Reference.requireNear("y", i, y[i] == 0 ? 0 : 2 * x[i], y[i], 0);
        }
        // Five standard deviations about one half.
        Reference.requireNear("kept", 0, 0.5, (float) kept / y.length, 2.5 / Math.sqrt(y.length));
    }
}
