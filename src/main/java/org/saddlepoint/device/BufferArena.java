package org.saddlepoint.device;

import java.nio.FloatBuffer;

/** Owns buffers that live and die together. May be used from several threads. */
public interface BufferArena extends AutoCloseable {
    /**
     * Allocates a buffer; its content is zero.
     *
     * @param type what it holds
     * @param length how many elements, at least 0
     * @return the buffer
     * @throws OutOfDeviceMemoryException where the memory is not to be had
     */
    Buffer allocate(ElementType type, long length);

    /**
     * Allocates float32 zeros.
     *
     * @param length how many
     * @return the buffer
     */
    default Buffer floats(long length) {
        return allocate(ElementType.FLOAT32, length);
    }

    /**
     * Allocates int32 zeros.
     *
     * @param length how many
     * @return the buffer
     */
    default Buffer ints(long length) {
        return allocate(ElementType.INT32, length);
    }

    /**
     * A buffer over float32 values that lie in off-heap memory already: without a copy where the device can read them
     * there. The memory is the caller's: it is kept alive and unchanged meanwhile, and closing this arena does not free it.
     *
     * @param values a direct buffer in native byte order, from its position to its limit
     * @return the buffer
     * @throws IllegalArgumentException where the buffer is not direct, or not in native order
     */
    Buffer wrap(FloatBuffer values);

    /** Frees all buffers of this arena. Closing twice has no effect. */
    @Override
    void close();
}
