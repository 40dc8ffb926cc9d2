package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.LossKind;

/** Loss and logit gradient in one pass, as the weight update asks for them. */
public class SoftmaxCrossEntropy extends OperationBenchmark {
    /** Examples x classes. */
    @Param({"32x10", "256x10", "61x7", "128x1000"})
    public String shape;

    private int n;
    private int c;
    private float[] logits;
    private int[] labels;
    private Buffer logitBuffer;
    private Buffer labelBuffer;
    private Buffer loss;
    private Buffer gradient;

    @Override
    void prepare() {
        int[] sizes = numbers(shape);
        n = sizes[0];
        c = sizes[1];
        logits = uniform(n * c, -8, 8);
        labels = integers(n, c);
        logitBuffer = buffer(logits);
        labelBuffer = buffer(labels);
        loss = arena().floats(n);
        gradient = arena().floats((long) n * c);
    }

    /** One batch. */
    @Benchmark
    public void run(Work work) {
        operations.loss(LossKind.CROSS_ENTROPY, n, c, logitBuffer, labelBuffer, 1f / n, false, loss, gradient);
        work.bytes += 8.0 * n * c + 8.0 * n;
    }

    @Override
    void check() {
        float[] losses = loss.floats(n);
        float[] gradients = gradient.floats(n * c);
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int j = 0; j < c; j++) {
                sum += Math.exp(logits[i * c + j]);
            }
            double expected = Math.log(sum) - logits[i * c + labels[i]];
            // The float32 sum of c exponentials, each within a few ulp.
            Reference.requireNear("loss", i, expected, losses[i], (c + 8) * 0x1p-24 * Math.max(1, expected));
            for (int j = 0; j < c; j++) {
                double p = Math.exp(logits[i * c + j]) / sum;
                double want = (p - (j == labels[i] ? 1 : 0)) / n;
                Reference.requireNear("gradient", i * c + j, want, gradients[i * c + j], (c + 8) * 0x1p-23 / n);
            }
        }
    }
}
