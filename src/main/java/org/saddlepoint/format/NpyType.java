package org.saddlepoint.format;

/** The types of values of an {@link NpyArray}, each kept in the Java array named with it. */
public enum NpyType {
    /** {@code float[]}; float16 is read into it too. */
    FLOAT32("f4"),
    /** {@code double[]}. */
    FLOAT64("f8"),
    /** {@code byte[]}, each an unsigned value. */
    UINT8("u1"),
    /** {@code byte[]}. */
    INT8("i1"),
    /** {@code int[]}. */
    INT32("i4"),
    /** {@code long[]}. */
    INT64("i8"),
    /** {@code boolean[]}. */
    BOOL("b1");

    private final String code;

    NpyType(String code) {
        this.code = code;
    }

    /** NumPy's code: kind and bytes of one value. */
    String code() {
        return code;
    }

    /** Bytes of one value in a file. */
    int bytes() {
        return code.charAt(1) - '0';
    }
}
