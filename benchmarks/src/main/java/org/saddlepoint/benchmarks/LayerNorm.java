package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Activation;

/** Layer normalisation; the weight serves as bias too. */
public class LayerNorm extends RowsBenchmark {
    /** Rows x columns. */
    @Param({"3584x128", "512x1024", "4095x65"})
    public String shape;

    @Override
    String shape() {
        return shape;
    }

    /** One batch. */
    @Benchmark
    public void run(Work work) {
        operations
                .normalizations()
                .layerNorm(rows, columns, xBuffer, weightBuffer, weightBuffer, EPSILON, Activation.IDENTITY, out);
        count(work, 8);
    }

    @Override
    void check() {
        float[] y = out.floats(rows * columns);
        for (int i = 0; i < y.length; i++) {
            int first = i / columns * columns;
            double inverse = 1 / Math.sqrt(variance(first, columns, 1) + EPSILON);
            double normalized = (x[i] - mean(first, columns, 1)) * inverse;
            Reference.requireNear(
                    "y", i, (normalized + 1) * weight[i - first], y[i], 6 * 0x1p-24 * (1 + Math.abs(normalized)));
        }
    }
}
