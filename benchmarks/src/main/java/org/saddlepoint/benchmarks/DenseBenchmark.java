package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;

/**
 * A product of a dense layer. Shapes are examples x inputs x outputs: the layers of the models that are trained here, one
 * example alone, and sizes that fill no tile.
 */
public abstract class DenseBenchmark extends OperationBenchmark {
    static final Activation RELU = new Activation(Activation.Kind.RELU, 0f);

    /** Examples x inputs x outputs. */
    @Param({
        "1x784x128",
        "32x784x128",
        "32x128x10",
        "61x785x127",
        "256x784x128",
        "256x128x10",
        "128x784x512",
        "128x512x256"
    })
    public String shape;

    /** Whose product: by name last, so that JMH runs the two of a shape one after the other. */
    @Param({"onednn", "saddlepoint"})
    public String with;

    int n;
    int in;
    int out;
    float[] x;
    float[] dy;
    float[] weights;
    float[] bias;
    Buffer xBuffer;
    Buffer dyBuffer;
    Buffer weightBuffer;
    Buffer biasBuffer;
    OneDnnProduct baseline;

    @Override
    void prepare() {
        int[] sizes = numbers(shape);
        n = sizes[0];
        in = sizes[1];
        out = sizes[2];
        x = uniform(n * in, 0, 1);
        dy = uniform(n * out, -1, 1);
        weights = uniform(in * out, -0.1, 0.1);
        bias = uniform(out, -0.1, 0.1);
        xBuffer = buffer(x);
        dyBuffer = buffer(dy);
        weightBuffer = buffer(weights);
        biasBuffer = buffer(bias);
        if (with.equals("onednn")) {
            baseline = baseline();
        }
        prepareProduct();
    }

    /** The same product in oneDNN. */
    abstract OneDnnProduct baseline();

    abstract void prepareProduct();

    void count(Work work) {
        work.flops += 2.0 * n * in * out;
        work.bytes += 4.0 * ((double) n * in + (double) in * out + (double) n * out);
    }
}
