package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Activation;

/** The gradient of layer normalisation with respect to its input. */
public class LayerNormGradient extends RowsBenchmark {
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
                .layerNormGradient(
                        rows, columns, xBuffer, dyBuffer, weightBuffer, EPSILON, Activation.IDENTITY, null, out);
        count(work, 12);
    }

    @Override
    void check() {
        float[] dx = out.floats(rows * columns);
        for (int first = 0; first < dx.length; first += columns) {
            double mean = mean(first, columns, 1);
            double inverse = 1 / Math.sqrt(variance(first, columns, 1) + EPSILON);
            double ofGradient = 0;
            double ofProduct = 0;
            for (int j = 0; j < columns; j++) {
                double g = (double) dy[first + j] * weight[j] / columns;
                ofGradient += g;
                ofProduct += g * (x[first + j] - mean) * inverse;
            }
            for (int j = 0; j < columns; j++) {
                double normalized = (x[first + j] - mean) * inverse;
                double want = inverse * ((double) dy[first + j] * weight[j] - ofGradient - normalized * ofProduct);
                Reference.requireNear("dx", first + j, want, dx[first + j], 12 * 0x1p-24 * inverse);
            }
        }
    }
}
