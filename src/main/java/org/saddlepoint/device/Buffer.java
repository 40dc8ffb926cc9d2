package org.saddlepoint.device;

/**
 * A run of elements in a device's memory, allocated from a {@link BufferArena} and valid until that is closed; any use
 * afterwards throws {@link IllegalStateException}. Transfers are complete when they return.
 */
public interface Buffer {
    /**
     * What it holds.
     *
     * @return the element type
     */
    ElementType type();

    /**
     * How many elements it holds.
     *
     * @return at least 0
     */
    long length();

    /**
     * A part of this buffer, sharing its memory and lifetime.
     *
     * @param offset the first element
     * @param length the number of elements
     * @return the part
     * @throws IndexOutOfBoundsException where the part does not lie within
     */
    Buffer slice(long offset, long length);

    /**
     * Copies values in, from the start of this buffer.
     *
     * @param source a float32 array
     * @param offset the first value copied
     * @param count how many
     */
    void write(float[] source, int offset, int count);

    /**
     * Copies values in, from the start of this buffer.
     *
     * @param source an int32 array
     * @param offset the first value copied
     * @param count how many
     */
    void write(int[] source, int offset, int count);

    /**
     * Copies values in, from the start of this buffer.
     *
     * @param source a byte array
     * @param offset the first value copied
     * @param count how many
     */
    void write(byte[] source, int offset, int count);

    /**
     * Copies values out, from the start of this buffer.
     *
     * @param target a float32 array
     * @param offset where the first value goes
     * @param count how many
     */
    void read(float[] target, int offset, int count);

    /**
     * Copies values out, from the start of this buffer.
     *
     * @param target an int32 array
     * @param offset where the first value goes
     * @param count how many
     */
    void read(int[] target, int offset, int count);

    /**
     * Copies all values in.
     *
     * @param source as many values as this buffer holds
     */
    default void write(float[] source) {
        write(source, 0, source.length);
    }

    /**
     * Copies all values in.
     *
     * @param source as many values as this buffer holds, or fewer
     */
    default void write(int[] source) {
        write(source, 0, source.length);
    }

    /**
     * The first values of a float32 buffer.
     *
     * @param count how many
     * @return a new array
     */
    default float[] floats(int count) {
        float[] out = new float[count];
        read(out, 0, count);
        return out;
    }

    /**
     * The first values of an int32 buffer.
     *
     * @param count how many
     * @return a new array
     */
    default int[] ints(int count) {
        int[] out = new int[count];
        read(out, 0, count);
        return out;
    }
}
