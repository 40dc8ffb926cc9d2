package org.saddlepoint.device;

import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.reference.Values;

/**
 * Buffers for one run of one operation: each lies one element off its allocation's alignment, between guards that must
 * come out untouched; outputs are full of NaN (integers: of -99) at first.
 */
final class Bench implements AutoCloseable {
    private static final int GUARD = 40; // more than a vector and a tile
    private static final int UNSET = -99;

    static final RandomStream RANDOM = new RandomStream(0x0123456789abcdefL, RandomStream.Purpose.ATTACK_START, 3);
    static final int RESTART = 5;

    private final Device device;
    private final BufferArena arena;
    private final List<Buffer> guarded = new ArrayList<>();

    Bench(Device device) {
        this.device = device;
        this.arena = device.arena();
    }

    Operations operations() {
        return device.operations();
    }

    Buffer floats(float... values) {
        Buffer buffer = floatOutput(values.length);
        buffer.write(values);
        return buffer;
    }

    Buffer ints(int... values) {
        Buffer buffer = intOutput(values.length);
        buffer.write(values);
        return buffer;
    }

    Buffer bytes(byte... values) {
        Buffer buffer = arena.allocate(ElementType.UINT8, values.length + 1).slice(1, values.length);
        buffer.write(values, 0, values.length);
        return buffer;
    }

    Buffer floatOutput(int length) {
        float[] nan = new float[length + GUARD + 1];
        Arrays.fill(nan, Float.NaN);
        Buffer whole = arena.floats(nan.length);
        whole.write(nan);
        guarded.add(whole);
        return whole.slice(1, length);
    }

    Buffer intOutput(int length) {
        int[] unset = new int[length + GUARD + 1];
        Arrays.fill(unset, UNSET);
        Buffer whole = arena.ints(unset.length);
        whole.write(unset);
        guarded.add(whole);
        return whole.slice(1, length);
    }

    /** The device's own cursor, in an epoch. */
    Cursor cursor(int epoch) {
        Cursor cursor = operations().cursor(arena, 1);
        cursor.beginEpoch(epoch, 0, List.of());
        return cursor;
    }

    /** Prepared weights of a dense layer. */
    Buffer prepared(int in, int out, float[] w) {
        Buffer prepared = floatOutput((int) operations().preparedLength(in, out));
        operations().prepareDense(in, out, floats(w), prepared);
        return prepared;
    }

    /** A loop whose step rule and random start are of interest; its labels are all 0. */
    Loop loop(int n, Loop.Rule rule, float[] origin, int[] indices, Buffer x, @Nullable BestIterate best) {
        return new Loop(n, floats(origin), ints(new int[n]), ints(indices), x, rule, RANDOM, RESTART, best, false);
    }

    /** What buffers hold, one after another, as double; both element types keep their values. */
    static double[] read(Buffer... buffers) {
        List<double[]> parts = new ArrayList<>();
        for (Buffer buffer : buffers) {
            int length = (int) buffer.length();
            parts.add(
                    buffer.type() == ElementType.INT32
                            ? Values.widen(buffer.ints(length))
                            : Values.widen(buffer.floats(length)));
        }
        return parts.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    /** Proves that no guard was overwritten. */
    @Override
    public void close() {
        for (Buffer whole : guarded) {
            double[] values = read(whole);
            double unset = whole.type() == ElementType.INT32 ? UNSET : Double.NaN;
            for (int i = 0; i < values.length; i = i == 0 ? values.length - GUARD : i + 1) {
                if (Double.compare(values[i], unset) != 0) {
                    fail("element %d of %s, which belongs to nobody, was overwritten with %s", i, whole, values[i]);
                }
            }
        }
        arena.close();
    }
}
