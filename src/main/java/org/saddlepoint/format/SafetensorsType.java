package org.saddlepoint.format;

import java.nio.ByteBuffer;

/** The types of values that can be read into float32. Named as in the format. */
enum SafetensorsType {
    F32(4),
    F64(8),
    F16(2),
    BF16(2),
    I32(4),
    I64(8);

    /** Every integer up to this magnitude is a float32. */
    private static final long EXACT = 1L << 24;

    private final int bytes;

    SafetensorsType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one value. */
    int bytes() {
        return bytes;
    }

    /** Reads the next {@code count} values of a little-endian buffer into {@code out} from {@code at} on. */
    void read(ByteBuffer in, float[] out, int at, int count) {
        for (int i = at; i < at + count; i++) {
            out[i] = switch (this) {
                case F32 -> in.getFloat();
                case F64 -> (float) in.getDouble();
                case F16 -> Float.float16ToFloat(in.getShort());
                case BF16 -> Float.intBitsToFloat(in.getShort() << 16);
                case I32 -> exact(in.getInt());
                case I64 -> exact(in.getLong());
            };
        }
    }

    private static float exact(long value) {
        if (value > EXACT || value < -EXACT) {
            throw new ArithmeticException("integer " + value + " is not exact in float32");
        }
        return value;
    }
}
