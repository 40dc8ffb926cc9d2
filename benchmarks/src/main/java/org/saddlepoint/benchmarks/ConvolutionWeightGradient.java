package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.saddlepoint.device.Buffer;

/** The gradients with respect to weights and bias. */
public class ConvolutionWeightGradient extends ConvolutionBenchmark {
    private static final int CHECKED = 97; // one weight in so many

    private Buffer dWeights;
    private Buffer dBias;

    @Override
    void prepareProduct() {
        dWeights = arena().floats(layer.weightSize());
        dBias = arena().floats(layer.filters());
    }

    @Override
    OneDnnConvolution baseline() {
        return OneDnnConvolution.weightGradient(threads, n, layer, x, dy);
    }

    /** One weight gradient. */
    @Benchmark
    public void run(Work work) {
        if (baseline != null) {
            baseline.run();
        } else {
            images.convolutionWeightGradient(n, layer, xBuffer, dyBuffer, dWeights, dBias);
        }
        count(work);
    }

    @Override
    void check() {
        float[] result = baseline != null ? baseline.result() : dWeights.floats(layer.weightSize());
        Sums sums = new Sums(result.length);
        for (int example = 0; example < n; example++) {
            products(example, (output, input, weight) -> {
                if (weight % CHECKED == 0) {
                    sums.add(weight, (double) dy[output] * x[input]);
                }
            });
        }
        for (int i = 0; i < result.length; i += CHECKED) {
            sums.require("convolution weight gradient", i, result[i]);
        }
    }
}
