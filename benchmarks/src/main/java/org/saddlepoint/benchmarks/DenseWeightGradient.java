package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.saddlepoint.device.Buffer;

/** dW = dy^T x, and the library's bias gradient with it; both operands are data, so oneDNN packs neither beforehand. */
public class DenseWeightGradient extends DenseBenchmark {
    private Buffer dWeights;
    private Buffer dBias;

    @Override
    void prepareProduct() {
        dWeights = arena().floats((long) in * out);
        dBias = arena().floats(out);
    }

    @Override
    OneDnnProduct baseline() {
        return new OneDnnProduct(
                threads,
                new OneDnnProduct.Operand(dy, out, n, 1, out),
                new OneDnnProduct.Operand(x, n, in, in, 1),
                false,
                null,
                false);
    }

    /** One weight gradient. */
    @Benchmark
    public void run(Work work) {
        if (baseline != null) {
            baseline.run();
        } else {
            operations.denseWeightGradient(n, in, out, xBuffer, dyBuffer, dWeights, dBias);
        }
        count(work);
    }

    @Override
    void check() {
        float[] result = baseline != null ? baseline.result() : dWeights.floats(in * out);
        Reference.requireProduct(
                "dense weight gradient",
                out,
                in,
                n,
                (j, i) -> dy[i * out + j],
                (i, k) -> x[i * in + k],
                null,
                false,
                result);
        if (baseline == null) {
            Reference.requireProduct(
                    "dense bias gradient",
                    1,
                    out,
                    n,
                    (r, i) -> 1f,
                    (i, j) -> dy[i * out + j],
                    null,
                    false,
                    dBias.floats(out));
        }
    }
}
