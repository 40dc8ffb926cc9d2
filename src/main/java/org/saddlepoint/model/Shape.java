package org.saddlepoint.model;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The shape of one example: {@code {784}}, or channels, height, width.
 *
 * @param dimensions each at least 1
 */
public record Shape(List<Integer> dimensions) {
    /** Checks the dimensions. */
    public Shape {
        dimensions = List.copyOf(dimensions);
        if (dimensions.isEmpty()) {
            throw new IllegalArgumentException("a shape needs at least one dimension");
        }
        for (int dimension : dimensions) {
            if (dimension < 1) {
                throw new IllegalArgumentException(
                        "dimension " + dimension + " of shape " + dimensions + " is below 1");
            }
        }
        long size = 1;
        for (int dimension : dimensions) {
            size *= dimension;
            if (size > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("shape " + dimensions + " has more than 2^31 - 1 values");
            }
        }
    }

    /**
     * A shape.
     *
     * @param dimensions each at least 1
     * @return the shape
     */
    public static Shape of(int... dimensions) {
        return new Shape(java.util.Arrays.stream(dimensions).boxed().toList());
    }

    /**
     * Values of one example.
     *
     * @return the product of the dimensions
     */
    public int size() {
        return dimensions.stream().reduce(1, (a, b) -> a * b);
    }

    @Override
    public String toString() {
        return dimensions.stream().map(String::valueOf).collect(Collectors.joining("x"));
    }
}
