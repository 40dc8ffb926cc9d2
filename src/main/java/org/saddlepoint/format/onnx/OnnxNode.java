package org.saddlepoint.format.onnx;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One application of an operator.
 *
 * @param name may be empty
 * @param domain empty for the standard operators
 * @param operator such as {@code Conv}
 * @param inputs names of values; empty where an optional one is left out
 * @param outputs names of values; empty where an optional one is left out
 * @param attributes by name: {@link Long}, {@link Float}, {@link String}, {@code List<Long>}, {@code List<Float>} or
 *     {@link OnnxTensor}; {@link #OTHER} for what no operator of a plain network has
 */
public record OnnxNode(
        String name,
        String domain,
        String operator,
        List<String> inputs,
        List<String> outputs,
        Map<String, Object> attributes) {
    /** Stands for an attribute of another type, such as a graph. */
    public static final Object OTHER = "of a type that is not read".toCharArray();

    /** Copies the lists. */
    public OnnxNode {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Map.copyOf(attributes);
    }

    /**
     * A standard operator's node.
     *
     * @param operator such as {@code Conv}
     * @param inputs names of values
     * @param output name of the value
     * @param attributes by name
     * @return the node, named after its output
     */
    public static OnnxNode of(String operator, List<String> inputs, String output, Map<String, Object> attributes) {
        return new OnnxNode(output, "", operator, inputs, List.of(output), attributes);
    }

    /**
     * Whether an attribute is given.
     *
     * @param attribute its name
     * @return whether it is
     */
    public boolean has(String attribute) {
        return attributes.containsKey(attribute);
    }

    /**
     * An integer.
     *
     * @param attribute its name
     * @param otherwise what it is where it is not given
     * @return its value
     * @throws IllegalArgumentException where it is something else
     */
    public long integer(String attribute, long otherwise) {
        Long value = get(attribute, Long.class, "an integer");
        return value == null ? otherwise : value;
    }

    /**
     * A number.
     *
     * @param attribute its name
     * @param otherwise what it is where it is not given
     * @return its value
     * @throws IllegalArgumentException where it is something else
     */
    public float number(String attribute, float otherwise) {
        Float value = get(attribute, Float.class, "a number");
        return value == null ? otherwise : value;
    }

    /**
     * A text.
     *
     * @param attribute its name
     * @param otherwise what it is where it is not given
     * @return its value
     * @throws IllegalArgumentException where it is something else
     */
    public String text(String attribute, String otherwise) {
        String value = get(attribute, String.class, "a text");
        return value == null ? otherwise : value;
    }

    /**
     * A constant.
     *
     * @param attribute its name
     * @return its value, or null where it is not given
     * @throws IllegalArgumentException where it is something else
     */
    public @Nullable OnnxTensor tensor(String attribute) {
        return get(attribute, OnnxTensor.class, "a tensor");
    }

    /**
     * Integers.
     *
     * @param attribute its name
     * @return its values, or null where it is not given
     * @throws IllegalArgumentException where it is something else
     */
    public @Nullable List<Long> integers(String attribute) {
        return list(attribute, Long.class, "a list of integers");
    }

    /**
     * Numbers.
     *
     * @param attribute its name
     * @return its values, or null where it is not given
     * @throws IllegalArgumentException where it is something else
     */
    public @Nullable List<Float> numbers(String attribute) {
        return list(attribute, Float.class, "a list of numbers");
    }

    /**
     * Texts.
     *
     * @param attribute its name
     * @return its values, or null where it is not given
     * @throws IllegalArgumentException where it is something else
     */
    public @Nullable List<String> texts(String attribute) {
        return list(attribute, String.class, "a list of texts");
    }

    private <T> @Nullable T get(String attribute, Class<T> type, String wanted) {
        Object value = attributes.get(attribute);
        if (value != null && !type.isInstance(value)) {
            throw new IllegalArgumentException("attribute " + attribute + " is not " + wanted);
        }
        return type.cast(value);
    }

    private <T> @Nullable List<T> list(String attribute, Class<T> type, String wanted) {
        List<?> values = get(attribute, List.class, wanted);
        if (values == null) {
            return null;
        }
        for (Object value : values) {
            if (!type.isInstance(value)) {
                throw new IllegalArgumentException("attribute " + attribute + " is not " + wanted);
            }
        }
        return values.stream().map(type::cast).toList();
    }
}
