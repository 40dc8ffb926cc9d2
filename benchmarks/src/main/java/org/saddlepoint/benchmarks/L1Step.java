package org.saddlepoint.benchmarks;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.saddlepoint.threat.Norm;

/** The sparse L1 step: the step's length shared by the coordinates of largest |g| that can move, then projected. */
public class L1Step extends GradientStepBenchmark {
    @Override
    Norm norm() {
        return Norm.L1;
    }

    @Override
    float epsilon() {
        return 10f;
    }

    /** Short enough to stay in the box wherever a coordinate starts below 1 - a share. */
    @Override
    float stepSize() {
        return 1f;
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
            int row = i * d;
            int[] chosen = IntStream.range(row, row + d)
                    .filter(at -> gradient[at] > 0 ? origin[at] < 1 : gradient[at] < 0 && origin[at] > 0)
                    .boxed()
                    .sorted(Comparator.comparingDouble(at -> -Math.abs(gradient[at])))
                    .limit(top())
                    .mapToInt(at -> at)
                    .toArray();
            double[] expected = new double[d];
            for (int j = 0; j < d; j++) {
                expected[j] = origin[row + j];
            }
            for (int at : chosen) {
                expected[at - row] += stepSize() / top() * Math.signum(gradient[at]);
            }
            for (int j = 0; j < d; j++) {
                Reference.requireNear("L1 step", row + j, clip(expected[j], 0, 1), x[row + j], 0x1p-22);
            }
        }
    }
}
