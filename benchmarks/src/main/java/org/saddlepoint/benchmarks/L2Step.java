package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.saddlepoint.threat.Norm;

/** x = project(x + step * g / |g|). */
public class L2Step extends GradientStepBenchmark {
    @Override
    Norm norm() {
        return Norm.L2;
    }

    @Override
    float epsilon() {
        return 2f;
    }

    /** One step. */
    @Benchmark
    public void run(Work work) {
        step(work);
    }

    @Override
    void check() {
        float[] x = oneStep();
        for (int i = 0; i < n; i++) {
            double square = 0;
            for (int j = 0; j < d; j++) {
                square += (double) gradient[i * d + j] * gradient[i * d + j];
            }
            for (int j = 0; j < d; j++) {
                int at = i * d + j;
                double expected = clip(origin[at] + stepSize() * gradient[at] / Math.sqrt(square), 0, 1);
                Reference.requireNear("L2 step", at, expected, x[at], 0x1p-22);
            }
        }
    }
}
