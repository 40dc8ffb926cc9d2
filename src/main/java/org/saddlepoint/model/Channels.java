package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Operations;

/**
 * How an example's values belong to channels: {@code outer} runs, in each of them {@code count} channels, of each {@code
 * inner} values.
 */
record Channels(int outer, int count, int inner) {
    /** One channel for all values of a shape, or one for each of its first dimension. */
    static Channels of(Shape shape, int count, Plan.Order order) {
        int pixels = shape.size() / count;
        return count > 1 && order == Plan.Order.CHANNELS_LAST
                ? new Channels(pixels, count, 1)
                : new Channels(1, count, pixels);
    }

    int size() {
        return outer * count * inner;
    }

    /** Rows of all channels in a batch, where channels lie last. */
    long rows(int n) {
        return (long) n * outer * inner;
    }

    void scaleShift(Operations operations, int n, Buffer x, Buffer scale, @Nullable Buffer shift, Buffer y) {
        operations.scaleShift(n * outer, count, inner, x, scale, shift, y);
    }
}
