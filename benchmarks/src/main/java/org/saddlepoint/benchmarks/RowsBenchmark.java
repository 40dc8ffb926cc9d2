package org.saddlepoint.benchmarks;

import org.saddlepoint.device.Buffer;

/** An operation over a matrix of rows and columns, and a gradient of that shape. */
public abstract class RowsBenchmark extends OperationBenchmark {
    static final float EPSILON = 1e-5f;

    int rows;
    int columns;
    float[] x;
    float[] dy;
    float[] weight;
    Buffer xBuffer;
    Buffer dyBuffer;
    Buffer weightBuffer;
    Buffer out;

    abstract String shape();

    @Override
    final void prepare() {
        int[] sizes = numbers(shape());
        rows = sizes[0];
        columns = sizes[1];
        x = uniform(rows * columns, -1, 1);
        dy = uniform(rows * columns, -1, 1);
        weight = uniform(columns, -1, 1);
        xBuffer = buffer(x);
        dyBuffer = buffer(dy);
        weightBuffer = buffer(weight);
        out = arena().floats((long) rows * columns);
        prepareMore();
    }

    void prepareMore() {}

    /** Counts that many bytes an element. */
    void count(Work work, double bytes) {
        work.bytes += bytes * rows * columns;
    }

    /** Mean of a run of values of x. */
    double mean(int first, int count, int step) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += x[first + i * step];
        }
        return sum / count;
    }

    /** Biased variance of a run of values of x. */
    double variance(int first, int count, int step) {
        double mean = mean(first, count, step);
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.pow(x[first + i * step] - mean, 2);
        }
        return sum / count;
    }
}
