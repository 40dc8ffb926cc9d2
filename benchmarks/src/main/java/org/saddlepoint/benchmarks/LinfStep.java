package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.saddlepoint.threat.Norm;

/** x = clip(x + step * sign(g)). */
public class LinfStep extends GradientStepBenchmark {
    @Override
    Norm norm() {
        return Norm.LINF;
    }

    @Override
    float epsilon() {
        return 0.3f;
    }

    /** One step. */
    @Benchmark
    public void run(Work work) {
        step(work);
    }

    @Override
    void check() {
        float[] x = oneStep();
        for (int i = 0; i < x.length; i++) {
            double expected = clip(origin[i] + stepSize() * Math.signum((double) gradient[i]), 0, 1);
            Reference.requireNear("L-inf step", i, expected, x[i], 0x1p-23);
        }
    }
}
