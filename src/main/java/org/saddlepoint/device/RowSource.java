package org.saddlepoint.device;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of a data set on the host: bytes (k stands for k/255) or float32 values.
 *
 * @param features values of an input
 * @param bytes N x features, or null
 * @param floats N x features, where bytes is null
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record RowSource(int features, byte @Nullable [] bytes, float @Nullable [] floats) {
    /** Checks that there is one of both. */
    public RowSource {
        if ((bytes == null) == (floats == null)) {
            throw new IllegalArgumentException("inputs are either bytes or floats");
        }
    }

    /**
     * All values as one buffer.
     *
     * @param arena on the device
     * @return uint8 or float32
     */
    public Buffer toDevice(BufferArena arena) {
        byte[] pixels = bytes;
        if (pixels != null) {
            Buffer buffer = arena.allocate(ElementType.UINT8, pixels.length);
            buffer.write(pixels, 0, pixels.length);
            return buffer;
        }
        float[] values = Objects.requireNonNull(floats);
        Buffer buffer = arena.floats(values.length);
        buffer.write(values);
        return buffer;
    }

    /**
     * The memory that all values take on a device.
     *
     * @return in bytes
     */
    public long size() {
        return bytes != null ? bytes.length : 4L * Objects.requireNonNull(floats).length;
    }
}
