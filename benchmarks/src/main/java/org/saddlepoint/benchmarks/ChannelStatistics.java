package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Buffer;

/** Mean and variance of each channel. */
public class ChannelStatistics extends RowsBenchmark {
    /** Rows x channels: images of 28 x 28 and 7 x 7. */
    @Param({"25088x32", "6272x128", "25087x3"})
    public String shape;

    private Buffer mean;
    private Buffer variance;

    @Override
    String shape() {
        return shape;
    }

    @Override
    void prepareMore() {
        mean = arena().floats(columns);
        variance = arena().floats(columns);
    }

    /** One batch. */
    @Benchmark
    public void run(Work work) {
        operations.normalizations().channelStatistics(rows, columns, xBuffer, mean, variance);
        count(work, 4);
    }

    @Override
    void check() {
        float[] means = mean.floats(columns);
        float[] variances = variance.floats(columns);
        for (int c = 0; c < columns; c++) {
            Reference.requireNear("mean", c, mean(c, rows, columns), means[c], 0x1p-24);
            Reference.requireNear("variance", c, variance(c, rows, columns), variances[c], 0x1p-24);
        }
    }
}
