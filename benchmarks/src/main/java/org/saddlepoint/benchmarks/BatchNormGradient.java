package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Buffer;

/** The gradients of batch normalisation, of input, weight and bias. */
public class BatchNormGradient extends RowsBenchmark {
    /** Rows x channels. */
    @Param({"25088x32", "6272x128", "25087x3"})
    public String shape;

    private Buffer mean;
    private Buffer variance;
    private Buffer dWeight;
    private Buffer dBias;

    @Override
    String shape() {
        return shape;
    }

    @Override
    void prepareMore() {
        mean = arena().floats(columns);
        variance = arena().floats(columns);
        dWeight = arena().floats(columns);
        dBias = arena().floats(columns);
        operations.normalizations().channelStatistics(rows, columns, xBuffer, mean, variance);
    }

    /** One batch; x and dy have to be read twice, as the sums come first. */
    @Benchmark
    public void run(Work work) {
        operations
                .normalizations()
                .batchNormGradient(
                        rows, columns, xBuffer, dyBuffer, mean, variance, EPSILON, weightBuffer, dWeight, dBias, out);
        count(work, 20);
    }

    @Override
    void check() {
        float[] dx = out.floats(rows * columns);
        for (int c = 0; c < columns; c++) {
            double mean = mean(c, rows, columns);
            double inverse = 1 / Math.sqrt(variance(c, rows, columns) + EPSILON);
            double dw = 0;
            double db = 0;
            for (int i = c; i < rows * columns; i += columns) {
                dw += dy[i] * (x[i] - mean) * inverse;
                db += dy[i];
            }
            for (int i = c; i < rows * columns; i += columns) {
                double want = weight[c] * inverse * (dy[i] - db / rows - (x[i] - mean) * inverse * dw / rows);
                Reference.requireNear("dx", i, want, dx[i], 6 * 0x1p-24 * inverse);
            }
        }
    }
}
