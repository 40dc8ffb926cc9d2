package org.saddlepoint.model.onnx;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.format.Shapes;
import org.saddlepoint.format.onnx.OnnxNode;
import org.saddlepoint.format.onnx.OnnxTensor;

/**
 * A node with the values of its inputs.
 *
 * @param node the node
 * @param inputs values, null where an optional one is left out
 * @param context what holds for all nodes
 */
record Call(OnnxNode node, List<@Nullable Value> inputs, Context context) {
    /** What an operator does; outputs beyond those that it gives are missing. */
    @FunctionalInterface
    interface Operator {
        List<Value> apply(Call call) throws Unsupported;
    }

    /**
     * What holds for all nodes of a graph.
     *
     * @param opset version of the operators
     * @param batch the number of examples that the file was made for, -1 where it is open
     * @param budget of values that may be made of constants
     */
    record Context(int opset, long batch, Budget budget) {}

    /** Bounds the memory that constants and weights take by what the file holds, however often it names them. */
    static final class Budget {
        private long left;

        Budget(long values) {
            this.left = values;
        }

        int take(long values) throws Unsupported {
            left -= values;
            if (values < 0 || left < 0) {
                throw new Unsupported(
                        "makes so many values of constants that all together they are more than five times"
                                + " what the file holds");
            }
            return Math.toIntExact(values);
        }
    }

    /** How messages name the node. */
    static String name(OnnxNode node) {
        String name = node.name().isEmpty() && !node.outputs().isEmpty()
                ? "that makes " + node.outputs().getFirst()
                : node.name();
        return "node " + Shapes.shown(name) + " ("
                + Shapes.shown(node.domain().isEmpty() ? node.operator() : node.domain() + "." + node.operator()) + ")";
    }

    String name() {
        return name(node);
    }

    int opset() {
        return context.opset();
    }

    @Nullable
    Value optional(int i) {
        return i < inputs.size() ? inputs.get(i) : null;
    }

    boolean has(int i) {
        return optional(i) != null;
    }

    Value input(int i) throws Unsupported {
        Value value = optional(i);
        if (value == null) {
            throw new Unsupported("has no input " + i);
        }
        return value;
    }

    Value.Data data(int i) throws Unsupported {
        if (input(i) instanceof Value.Data data) {
            return data;
        }
        throw new Unsupported("takes a constant as input " + i
                + ", where only values that depend on the network's input" + " can be taken");
    }

    /** A known constant. */
    OnnxTensor constant(int i, String what) throws Unsupported {
        if (input(i) instanceof Value.Constant constant) {
            return constant.tensor();
        }
        throw new Unsupported("has " + what + " that are not constant");
    }

    /** Weights: known and finite. */
    float[] weights(int i, String what) throws Unsupported {
        return finite(constant(i, what), what);
    }

    static float[] finite(OnnxTensor tensor, String what) throws Unsupported {
        for (float value : tensor.floats()) {
            if (!Float.isFinite(value)) {
                throw new Unsupported("has " + what + " among which is the value " + value);
            }
        }
        return tensor.floats();
    }

    /** Weights of a known number. */
    float[] weights(int i, String what, int count) throws Unsupported {
        float[] values = weights(i, what);
        if (values.length != count) {
            throw new Unsupported("has " + values.length + " values as " + what + ", expected " + count);
        }
        return values;
    }

    /** Integers that are an input since some opset and were an attribute before; null where they are neither. */
    long @Nullable [] integers(int input, String attribute) throws Unsupported {
        List<Long> values = node.integers(attribute);
        if (values != null) {
            return values.stream().mapToLong(Long::longValue).toArray();
        }
        return has(input) ? constant(input, attribute).integers() : null;
    }

    /** An axis counted from the front. */
    static int axis(long axis, int rank) throws Unsupported {
        if (axis < -rank || axis >= rank) {
            throw new Unsupported("names the axis " + axis + " of " + rank);
        }
        return (int) (axis < 0 ? axis + rank : axis);
    }

    static List<Value> one(Value value) {
        return List.of(value);
    }
}
