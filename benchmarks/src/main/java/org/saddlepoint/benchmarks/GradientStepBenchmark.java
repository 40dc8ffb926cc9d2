package org.saddlepoint.benchmarks;

import org.saddlepoint.device.Buffer;

/** A step whose gradient lies in memory: reads gradient, origin and x, writes x. */
public abstract class GradientStepBenchmark extends StepBenchmark {
    private Buffer gradientBuffer;

    @Override
    void prepareStep() {
        gradientBuffer = buffer(gradient);
    }

    void step(Work work) {
        operations.step(loop, d, gradientBuffer);
        work.bytes += 16.0 * n * d;
    }

    float[] oneStep() {
        return fromOrigin(() -> operations.step(loop, d, gradientBuffer));
    }
}
