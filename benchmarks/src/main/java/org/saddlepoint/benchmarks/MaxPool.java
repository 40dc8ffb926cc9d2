package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Pooling;
import org.saddlepoint.device.Window;

/** The largest value of each 2x2 window, and where it lies. Shapes are examples x channels x rows and columns. */
public class MaxPool extends OperationBenchmark {
    /** Examples x channels x rows and columns. */
    @Param({"50x32x28", "50x64x14", "31x17x31"})
    public String shape;

    private int n;
    private Pooling layer;
    private float[] x;
    private Buffer xBuffer;
    private Buffer y;
    private Buffer chosen;

    @Override
    void prepare() {
        int[] sizes = numbers(shape);
        n = sizes[0];
        layer = new Pooling(sizes[1], sizes[2], sizes[2], Window.square(2, 2, 0), false);
        x = uniform(n * layer.inputSize(), -1, 1);
        xBuffer = buffer(x);
        y = arena().floats((long) n * layer.outputSize());
        chosen = arena().ints((long) n * layer.outputSize());
    }

    /** One pooling. */
    @Benchmark
    public void run(Work work) {
        operations.images().maxPool(n, layer, xBuffer, y, chosen);
        work.bytes += 4.0 * n * (layer.inputSize() + 2.0 * layer.outputSize());
    }

    @Override
    void check() {
        float[] result = y.floats(n * layer.outputSize());
        for (int i = 0; i < result.length; i++) {
            int c = i % layer.channels();
            int column = i / layer.channels() % layer.outputWidth();
            int row = i / layer.channels() / layer.outputWidth() % layer.outputHeight();
            int image = i / layer.outputSize() * layer.inputSize();
            float largest = Float.NEGATIVE_INFINITY;
            for (int k = 0; k < 4; k++) {
                int pixel = (2 * row + k / 2) * layer.width() + 2 * column + k % 2;
                largest = Math.max(largest, x[image + pixel * layer.channels() + c]);
            }
            Reference.requireNear("max pool", i, largest, result[i], 0);
        }
    }
}
