package org.saddlepoint.benchmarks;

import java.util.Arrays;
import java.util.Random;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Operations;

/**
 * One operation of the CPU device on one shape. A call is complete when it returns, so nothing is left to synchronise.
 * One fork is one round of {@code benchmarks/run}, which repeats all of them in turn.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@Warmup(iterations = 3, time = 100, timeUnit = java.util.concurrent.TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 100, timeUnit = java.util.concurrent.TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector", "-Xmx2g"})
public abstract class OperationBenchmark {
    /** Threads that share one call. */
    @Param({"1", "2"})
    public int threads;

    private final Random random = new Random(1);
    private Device device;
    private BufferArena arena;
    Operations operations;

    /** Opens the device and lays out what the operation needs. */
    @Setup
    public void open() {
        device = Device.cpu(threads);
        arena = device.arena();
        operations = device.operations();
        prepare();
    }

    /** Checks the answer, on fresh input where the operation works in place. */
    @TearDown
    public void close() {
        check();
        arena.close();
        device.close();
    }

    /** Allocates and fills the buffers. */
    abstract void prepare();

    /** Compares a call's result with plain double loops; throws where they differ. */
    abstract void check();

    /** The numbers of a shape such as 256x784x128. */
    static int[] numbers(String shape) {
        return Arrays.stream(shape.split("x")).mapToInt(Integer::parseInt).toArray();
    }

    /** Values uniform in [low, high). */
    float[] uniform(int count, double low, double high) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (low + (high - low) * random.nextDouble());
        }
        return values;
    }

    /** Integers uniform in [0, bound). */
    int[] integers(int count, int bound) {
        return random.ints(count, 0, bound).toArray();
    }

    Buffer buffer(float[] values) {
        Buffer buffer = arena.floats(values.length);
        buffer.write(values);
        return buffer;
    }

    Buffer buffer(int[] values) {
        Buffer buffer = arena.ints(values.length);
        buffer.write(values);
        return buffer;
    }

    BufferArena arena() {
        return arena;
    }
}
