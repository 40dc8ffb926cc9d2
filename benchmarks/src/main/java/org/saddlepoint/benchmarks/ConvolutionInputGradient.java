package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;

/** The gradient with respect to the input, weights brought beforehand into the layout that each prefers. */
public class ConvolutionInputGradient extends ConvolutionBenchmark {
    private Buffer dx;

    @Override
    void prepareProduct() {
        dx = arena().floats((long) n * layer.inputSize());
    }

    @Override
    OneDnnConvolution baseline() {
        return OneDnnConvolution.inputGradient(threads, n, layer, dy, weights);
    }

    /** One input gradient. */
    @Benchmark
    public void run(Work work) {
        if (baseline != null) {
            baseline.run();
        } else {
            images.convolutionInputGradient(n, layer, dyBuffer, weightBuffer, prepared, Activation.IDENTITY, null, dx);
        }
        count(work);
    }

    @Override
    void check() {
        float[] result = baseline != null ? baseline.result() : dx.floats(n * layer.inputSize());
        Sums sums = new Sums(result.length);
        for (int example : new int[] {0, n - 1}) {
            products(example, (output, input, weight) -> sums.add(input, (double) dy[output] * weights[weight]));
            for (int i = example * layer.inputSize(); i < (example + 1) * layer.inputSize(); i++) {
                sums.require("convolution input gradient", i, result[i]);
            }
        }
    }
}
