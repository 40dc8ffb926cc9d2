package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.saddlepoint.device.Buffer;

/** y = relu(x * W + b), weights brought beforehand into the layout that each prefers. */
public class ConvolutionForward extends ConvolutionBenchmark {
    private Buffer y;

    @Override
    void prepareProduct() {
        y = arena().floats((long) n * layer.outputSize());
    }

    @Override
    OneDnnConvolution baseline() {
        return OneDnnConvolution.forward(threads, n, layer, x, weights, bias);
    }

    /** One forward pass. */
    @Benchmark
    public void run(Work work) {
        if (baseline != null) {
            baseline.run();
        } else {
            images.convolutionForward(n, layer, xBuffer, weightBuffer, prepared, biasBuffer, RELU, y);
        }
        count(work);
    }

    @Override
    void check() {
        float[] result = baseline != null ? baseline.result() : y.floats(n * layer.outputSize());
        Sums sums = new Sums(result.length);
        for (int example : new int[] {0, n - 1}) {
            products(example, (output, input, weight) -> sums.add(output, (double) x[input] * weights[weight]));
            for (int i = example * layer.outputSize(); i < (example + 1) * layer.outputSize(); i++) {
                sums.add(i, bias[i % layer.filters()]);
                sums.values[i] = Math.max(sums.values[i], 0);
                sums.require("convolution forward", i, result[i]);
            }
        }
    }
}
