package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.threat.Norm;

/** The first layer's input gradient with the L-inf step as its epilogue, in place on x. */
public class DenseLinfStep extends StepBenchmark {
    /** Output features of the first layer. */
    @Param({"128", "512"})
    public int out;

    private float[] dy;
    private float[] weights;
    private Buffer dyBuffer;
    private Buffer weightBuffer;

    @Override
    Norm norm() {
        return Norm.LINF;
    }

    @Override
    float epsilon() {
        return 0.3f;
    }

    @Override
    void prepareStep() {
        dy = uniform(n * out, -1, 1);
        weights = uniform(d * out, -0.1, 0.1);
        dyBuffer = buffer(dy);
        weightBuffer = buffer(weights);
    }

    /** One fused gradient and step. */
    @Benchmark
    public void run(Work work) {
        operations.denseLinfStep(out, dyBuffer, weightBuffer, loop, d);
        work.flops += 2.0 * n * d * out;
        work.bytes += 4.0 * (3.0 * n * d + (double) d * out + (double) n * out);
    }

    @Override
    void check() {
        float[] x = fromOrigin(() -> operations.denseLinfStep(out, dyBuffer, weightBuffer, loop, d));
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                double sum = 0;
                double magnitude = 0;
                for (int k = 0; k < out; k++) {
                    double product = (double) dy[i * out + k] * weights[k * d + j];
                    sum += product;
                    magnitude += Math.abs(product);
                }
                // A gradient within float32's rounding error of zero may have either sign.
                if (Math.abs(sum) > (out + 2) * 0x1p-24 * magnitude) {
                    int at = i * d + j;
                    double expected = clip(origin[at] + stepSize() * Math.signum(sum), 0, 1);
                    Reference.requireNear("dense L-inf step", at, expected, x[at], 0x1p-23);
                }
            }
        }
    }
}
