package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.ElementType;

/** A batch by index from a data set of MNIST's shape: every call takes the next rows of a shuffled order. */
public class Gather extends OperationBenchmark {
    private static final int ROWS = 60_000;

    /** Rows x features of a batch. */
    @Param({"32x784", "61x785", "256x784"})
    public String shape;

    /** How the data set is stored: as bytes, or as float32. */
    @Param({"bytes", "floats"})
    public String source;

    private int n;
    private int d;
    private int next;
    private int[] order;
    private byte[] bytes;
    private float[] floats;
    private Buffer orderBuffer;
    private Buffer sourceBuffer;
    private Buffer out;

    @Override
    void prepare() {
        int[] sizes = numbers(shape);
        n = sizes[0];
        d = sizes[1];
        order = integers(ROWS, ROWS);
        orderBuffer = buffer(order);
        bytes = new byte[ROWS * d];
        int[] values = integers(1 << 16, 256);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[(i * 31) & 0xffff];
        }
        if (source.equals("bytes")) {
            sourceBuffer = arena().allocate(ElementType.UINT8, bytes.length);
            sourceBuffer.write(bytes, 0, bytes.length);
        } else {
            floats = new float[bytes.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (bytes[i] & 0xff) / 255f;
            }
            sourceBuffer = buffer(floats);
        }
        out = arena().floats((long) n * d);
    }

    /** One batch. */
    @Benchmark
    public void run(Work work) {
        next = next + 2 * n > ROWS ? 0 : next + n;
        operations.gather(n, d, sourceBuffer, orderBuffer.slice(next, n), out);
        work.bytes += (floats == null ? 5.0 : 8.0) * n * d;
    }

    @Override
    void check() {
        float[] found = out.floats(n * d);
        for (int i = 0; i < found.length; i++) {
            int at = order[next + i / d] * d + i % d;
            Reference.requireNear("gather", i, (bytes[at] & 0xff) / 255.0, found[i], 0x1p-25);
        }
    }
}
