package org.saddlepoint.device;

import java.util.Locale;

/** What a buffer holds. */
public enum ElementType {
    /** IEEE single precision. */
    FLOAT32(4),
    /** Signed 32-bit integers: labels, indices, counters. */
    INT32(4),
    /** The upper half of a float32: operands of products, in a layout of the device's own. */
    BFLOAT16(2),
    /** Unsigned bytes: pixels as files store them. */
    UINT8(1);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /**
     * The size of an element.
     *
     * @return in bytes
     */
    public int bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
