package org.saddlepoint.format.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A constant: numbers as float32 (whatever precision the file has), or whole numbers and truth values as 64-bit integers.
 * The arrays are the tensor's own, not copies.
 */
public final class OnnxTensor {
    private final int[] shape;
    private final float @Nullable [] floats;
    private final long @Nullable [] integers;

    private OnnxTensor(int[] shape, float @Nullable [] floats, long @Nullable [] integers) {
        this.shape = shape;
        this.floats = floats;
        this.integers = integers;
        int length = floats != null ? floats.length : integers != null ? integers.length : 0;
        if (product(shape) != length) {
            throw new IllegalArgumentException(
                    "shape " + Arrays.toString(shape) + " does not hold " + length + " values");
        }
    }

    /**
     * A tensor of numbers.
     *
     * @param shape dimensions, none for a scalar
     * @param values row-major
     * @return the tensor
     */
    public static OnnxTensor of(int[] shape, float[] values) {
        return new OnnxTensor(shape, values, null);
    }

    /**
     * A tensor of integers.
     *
     * @param shape dimensions, none for a scalar
     * @param values row-major
     * @return the tensor
     */
    public static OnnxTensor of(int[] shape, long[] values) {
        return new OnnxTensor(shape, null, values);
    }

    private static long product(int[] shape) {
        long product = 1;
        for (int size : shape) {
            product *= size;
        }
        return product;
    }

    /**
     * Dimensions.
     *
     * @return none for a scalar
     */
    public List<Integer> shape() {
        return Arrays.stream(shape).boxed().toList();
    }

    /**
     * Number of values.
     *
     * @return the product of the dimensions
     */
    public int size() {
        return Math.toIntExact(product(shape));
    }

    /**
     * Whether these are integers.
     *
     * @return else they are float32
     */
    public boolean isInteger() {
        return integers != null;
    }

    /**
     * The values as float32.
     *
     * @return row-major
     * @throws IllegalArgumentException where they are integers
     */
    public float[] floats() {
        if (floats == null) {
            throw new IllegalArgumentException(
                    "a constant of shape " + text() + " holds integers, not float32 numbers");
        }
        return floats;
    }

    /**
     * The values as integers.
     *
     * @return row-major
     * @throws IllegalArgumentException where they are floating-point numbers
     */
    public long[] integers() {
        if (integers == null) {
            throw new IllegalArgumentException("a constant of shape " + text() + " holds numbers, not integers");
        }
        return integers;
    }

    /**
     * The shape as messages show it.
     *
     * @return {@code 10x128}, or {@code scalar}
     */
    public String text() {
        return shape.length == 0
                ? "scalar"
                : Arrays.stream(shape).mapToObj(Integer::toString).collect(Collectors.joining("x"));
    }
}
