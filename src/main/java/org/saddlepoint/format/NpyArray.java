package org.saddlepoint.format;

import java.util.stream.IntStream;

/** One array of an npz file: a type, a shape, and values in row-major (C) order. Arrays are taken over, never copied. */
public final class NpyArray {
    private final NpyType type;
    private final int[] shape;
    private final Object values;

    private NpyArray(NpyType type, Object values, int length, int[] shape) {
        if (shape.length > Shapes.MAX_RANK || Shapes.elements(shape) != length) {
            throw new IllegalArgumentException("shape " + Shapes.text(shape) + " does not hold " + length + " values");
        }
        this.type = type;
        this.shape = shape.clone();
        this.values = values;
    }

    /**
     * A float32 array.
     *
     * @param values row-major
     * @param shape the dimensions; none for a scalar
     * @return the array
     * @throws IllegalArgumentException where the shape does not hold that many values
     */
    public static NpyArray of(float[] values, int... shape) {
        return new NpyArray(NpyType.FLOAT32, values, values.length, shape);
    }

    /**
     * A float64 array.
     *
     * @param values row-major
     * @param shape the dimensions; none for a scalar
     * @return the array
     * @throws IllegalArgumentException where the shape does not hold that many values
     */
    public static NpyArray of(double[] values, int... shape) {
        return new NpyArray(NpyType.FLOAT64, values, values.length, shape);
    }

    /**
     * An int32 array.
     *
     * @param values row-major
     * @param shape the dimensions; none for a scalar
     * @return the array
     * @throws IllegalArgumentException where the shape does not hold that many values
     */
    public static NpyArray of(int[] values, int... shape) {
        return new NpyArray(NpyType.INT32, values, values.length, shape);
    }

    /**
     * An int64 array.
     *
     * @param values row-major
     * @param shape the dimensions; none for a scalar
     * @return the array
     * @throws IllegalArgumentException where the shape does not hold that many values
     */
    public static NpyArray of(long[] values, int... shape) {
        return new NpyArray(NpyType.INT64, values, values.length, shape);
    }

    /**
     * A bool array.
     *
     * @param values row-major
     * @param shape the dimensions; none for a scalar
     * @return the array
     * @throws IllegalArgumentException where the shape does not hold that many values
     */
    public static NpyArray of(boolean[] values, int... shape) {
        return new NpyArray(NpyType.BOOL, values, values.length, shape);
    }

    /**
     * An array of bytes.
     *
     * @param type UINT8 or INT8
     * @param values row-major
     * @param shape the dimensions; none for a scalar
     * @return the array
     * @throws IllegalArgumentException where the type is another, or the shape does not hold that many values
     */
    public static NpyArray ofBytes(NpyType type, byte[] values, int... shape) {
        if (type != NpyType.UINT8 && type != NpyType.INT8) {
            throw new IllegalArgumentException("type " + type + " of a byte array, expected UINT8 or INT8");
        }
        return new NpyArray(type, values, values.length, shape);
    }

    /**
     * The type of the values.
     *
     * @return one that names the Java array
     */
    public NpyType type() {
        return type;
    }

    /**
     * The dimensions.
     *
     * @return a copy; empty for a scalar
     */
    public int[] shape() {
        return shape.clone();
    }

    /**
     * The values.
     *
     * @return the Java array that {@link #type()} names, itself
     */
    public Object values() {
        return values;
    }

    /**
     * Floating-point values as float32.
     *
     * @return the array itself where it is float32, else a copy
     * @throws IllegalStateException where the type is neither FLOAT32 nor FLOAT64
     */
    public float[] floats() {
        if (values instanceof float[] same) {
            return same;
        }
        if (values instanceof double[] wide) {
            float[] out = new float[wide.length];
            for (int i = 0; i < out.length; i++) {
                out[i] = (float) wide[i];
            }
            return out;
        }
        throw new IllegalStateException("values are " + type + ", expected FLOAT32 or FLOAT64");
    }

    /**
     * Integer values as int32.
     *
     * @return the array itself where it is int32, else a copy
     * @throws IllegalStateException where the type is no integer
     * @throws ArithmeticException where a value passes int32
     */
    public int[] ints() {
        return switch (values) {
            case int[] same -> same;
            case long[] wide ->
                IntStream.range(0, wide.length)
                        .map(i -> Math.toIntExact(wide[i]))
                        .toArray();
            case byte[] bytes ->
                IntStream.range(0, bytes.length)
                        .map(i -> type == NpyType.UINT8 ? bytes[i] & 0xff : bytes[i])
                        .toArray();
            default -> throw new IllegalStateException("values are " + type + ", expected an integer type");
        };
    }

    @Override
    public String toString() {
        return type + " " + Shapes.text(shape);
    }
}
