package org.saddlepoint.gpusuite;

import java.util.Random;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.RandomStream;

/** Random values on a device; the same in every run. */
final class Inputs {
    private final Random random = new Random(1);
    private final BufferArena arena;

    Inputs(BufferArena arena) {
        this.arena = arena;
    }

    /** float32 values between two bounds. */
    Buffer floats(int length, float low, float high) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = low + (high - low) * random.nextFloat();
        }
        Buffer buffer = arena.floats(length);
        buffer.write(values);
        return buffer;
    }

    Buffer ints(int length, int bound) {
        Buffer buffer = arena.ints(length);
        buffer.write(random.ints(length, 0, bound).toArray());
        return buffer;
    }

    /** An attack on n examples of d features, 10 classes. */
    Loop loop(int n, int d, Loop.Rule rule) {
        return new Loop(
                n,
                floats(n * d, 0, 1),
                ints(n, 10),
                ints(n, 1000),
                floats(n * d, 0, 1),
                rule,
                new RandomStream(1, RandomStream.Purpose.ATTACK_START, 0),
                0,
                null,
                false);
    }
}
