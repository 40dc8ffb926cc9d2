package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.saddlepoint.device.Buffer;

/** y = relu(x W^T + b), weights packed beforehand by both. */
public class DenseForward extends DenseBenchmark {
    private Buffer prepared;
    private Buffer y;

    @Override
    void prepareProduct() {
        prepared = arena().floats(operations.preparedLength(in, out));
        operations.prepareDense(in, out, weightBuffer, prepared);
        y = arena().floats((long) n * out);
    }

    @Override
    OneDnnProduct baseline() {
        return new OneDnnProduct(
                threads,
                new OneDnnProduct.Operand(x, n, in, in, 1),
                new OneDnnProduct.Operand(weights, in, out, 1, in),
                true,
                bias,
                true);
    }

    /** One forward pass. */
    @Benchmark
    public void run(Work work) {
        if (baseline != null) {
            baseline.run();
        } else {
            operations.denseForward(n, in, out, xBuffer, weightBuffer, prepared, biasBuffer, RELU, y);
        }
        count(work);
    }

    @Override
    void check() {
        float[] result = baseline != null ? baseline.result() : y.floats(n * out);
        Reference.requireProduct(
                "dense forward",
                n,
                out,
                in,
                (i, k) -> x[i * in + k],
                (k, j) -> weights[j * in + k],
                bias,
                true,
                result);
    }
}
