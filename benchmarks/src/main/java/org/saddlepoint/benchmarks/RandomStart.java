package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.threat.Norm;

/** x = origin + a uniform draw from the ball. */
public class RandomStart extends StepBenchmark {
    /** The ball. */
    @Param({"LINF", "L2", "L1"})
    public Norm norm;

    @Override
    Norm norm() {
        return norm;
    }

    @Override
    float epsilon() {
        return switch (norm) {
            case LINF -> 0.3f;
            case L2 -> 2f;
            case L1 -> 10f;
        };
    }

    @Override
    void prepareStep() {}

    /** One batch of starts. */
    @Benchmark
    public void run(Work work) {
        operations.randomStart(loop, d);
        work.bytes += 8.0 * n * d;
    }

    /** L-inf: recomputed from the words. L2, L1: inside, and near the surface, where nearly all of a ball's volume is. */
    @Override
    void check() {
        float[] x = fromOrigin(() -> operations.randomStart(loop, d));
        for (int i = 0; i < n; i++) {
            double length = 0;
            double unclipped = 0;
            for (int j = 0; j < d; j++) {
                int at = i * d + j;
                double delta = Math.abs((double) x[at] - origin[at]);
                length += norm == Norm.L2 ? delta * delta : delta;
                unclipped += x[at] > 0 && x[at] < 1 ? 1 : 0;
                if (norm == Norm.LINF) {
                    int word = loop.random().block(j / 4, indices[i], 0)[j % 4];
                    double uniform = (word >>> 8) * 0x1p-24;
                    double expected = clip(origin[at] + epsilon() * (2 * uniform - 1), 0, 1);
                    Reference.requireNear("random start", at, expected, x[at], 0x1p-22);
                }
            }
            double radius = norm == Norm.L2 ? Math.sqrt(length) : length;
            if (norm != Norm.LINF && !(radius <= epsilon() && radius > 0.5 * epsilon() * unclipped / d)) {
                throw new IllegalStateException("random start " + i + " has radius " + radius);
            }
        }
    }
}
