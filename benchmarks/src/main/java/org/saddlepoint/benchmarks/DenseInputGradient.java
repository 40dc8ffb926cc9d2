package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;

/** dx = dy W: the library reads W as it is stored, oneDNN packs it beforehand. */
public class DenseInputGradient extends DenseBenchmark {
    private Buffer dx;

    @Override
    void prepareProduct() {
        dx = arena().floats((long) n * in);
    }

    @Override
    OneDnnProduct baseline() {
        return new OneDnnProduct(
                threads,
                new OneDnnProduct.Operand(dy, n, out, out, 1),
                new OneDnnProduct.Operand(weights, out, in, in, 1),
                true,
                null,
                false);
    }

    /** One input gradient. */
    @Benchmark
    public void run(Work work) {
        if (baseline != null) {
            baseline.run();
        } else {
            operations.denseInputGradient(n, in, out, dyBuffer, weightBuffer, Activation.IDENTITY, null, dx);
        }
        count(work);
    }

    @Override
    void check() {
        float[] result = baseline != null ? baseline.result() : dx.floats(n * in);
        Reference.requireProduct(
                "dense input gradient",
                n,
                in,
                out,
                (i, k) -> dy[i * out + k],
                (k, j) -> weights[k * in + j],
                null,
                false,
                result);
    }
}
