package org.saddlepoint.format;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Arithmetic and text of shapes read from files that are not trusted. */
public final class Shapes {
    /** The most dimensions a shape may have; NumPy allows 64, no network needs more than 5. */
    public static final int MAX_RANK = 16;

    private Shapes() {}

    /**
     * The product of the dimensions.
     *
     * @param shape dimensions
     * @return 1 for none; -1 where one is negative or the product passes 2^31 - 1
     */
    public static long elements(int[] shape) {
        long product = 1;
        boolean empty = false;
        for (int size : shape) {
            if (size < 0) {
                return -1;
            }
            empty |= size == 0;
            product = Math.min(product, Integer.MAX_VALUE + 1L) * Math.max(size, 1);
        }
        if (empty) {
            return 0;
        }
        return product <= Integer.MAX_VALUE ? product : -1;
    }

    /**
     * A shape as messages show it.
     *
     * @param shape dimensions
     * @return {@code 60000x28x28}, or {@code scalar}
     */
    public static String text(int[] shape) {
        return shape.length == 0
                ? "scalar"
                : Arrays.stream(shape).mapToObj(Integer::toString).collect(Collectors.joining("x"));
    }

    /**
     * Text from a file as messages show it.
     *
     * @param text from a file
     * @return at most 60 characters, one line, no control characters
     */
    public static String shown(String text) {
        String head = text.length() <= 60 ? text : text.substring(0, 57) + "...";
        return head.replaceAll("\\p{Cntrl}", "?");
    }
}
