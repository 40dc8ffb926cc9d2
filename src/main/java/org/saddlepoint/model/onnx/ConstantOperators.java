package org.saddlepoint.model.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.format.Shapes;
import org.saddlepoint.format.onnx.OnnxTensor;
import org.saddlepoint.model.onnx.Call.Operator;

/** Operators of constants: what exporters make of a view's sizes, of weights, and of the first state of a recurrent layer. */
final class ConstantOperators {
    private ConstantOperators() {}

    static Map<String, Operator> table() {
        Map<String, Operator> table = new HashMap<>();
        table.put("Constant", ConstantOperators::constant);
        table.put("ConstantOfShape", ConstantOperators::constantOfShape);
        table.put("Shape", call -> {
            long[] shape = known(call, 0).shape().stream()
                    .mapToLong(Integer::longValue)
                    .toArray();
            return integers(new int[] {shape.length}, shape);
        });
        table.put("Identity", call -> List.of(call.input(0)));
        table.put("Cast", ConstantOperators::cast);
        table.put("Expand", ConstantOperators::expand);
        table.put("Gather", uniformOr(ConstantOperators::gather));
        table.put("Slice", uniformOr(ConstantOperators::slice));
        table.put("Concat", uniformOr(ConstantOperators::concat));
        table.put("Transpose", uniformOr(ConstantOperators::transpose));
        table.put("Squeeze", uniformOr(ConstantOperators::squeeze));
        table.put("Unsqueeze", uniformOr(ConstantOperators::unsqueeze));
        table.put("Reshape", uniformOr(ConstantOperators::reshape));
        table.put("Flatten", uniformOr(ConstantOperators::flatten));
        table.put("Add", binary(Math::addExact, (a, b) -> a + b));
        table.put("Sub", binary(Math::subtractExact, (a, b) -> a - b));
        table.put("Mul", binary(Math::multiplyExact, (a, b) -> a * b));
        table.put("Div", binary((a, b) -> a / b, (a, b) -> a / b));
        return table;
    }

    /** What is the same all over stays so in any other shape. */
    private static Operator uniformOr(Operator operator) {
        return call -> {
            Value first = call.input(0);
            return first instanceof Value.Filled
                            && call.inputs().stream().allMatch(v -> v == null || isUniform(v, first))
                    ? List.of(first)
                    : operator.apply(call);
        };
    }

    /** Whether it is filled with the same number; integers are sizes and positions, which do not count. */
    private static boolean isUniform(Value value, Value first) {
        return value.equals(first)
                || (value instanceof Value.Constant constant
                        && constant.tensor().isInteger());
    }

    private static OnnxTensor known(Call call, int i) throws Unsupported {
        return call.constant(i, "inputs");
    }

    private static List<Value> value(OnnxTensor tensor) {
        return List.of(new Value.Constant(tensor));
    }

    private static List<Value> integers(int[] shape, long[] values) {
        return value(OnnxTensor.of(shape, values));
    }

    private static int[] shape(OnnxTensor tensor) {
        return tensor.shape().stream().mapToInt(Integer::intValue).toArray();
    }

    private static List<Value> constant(Call call) throws Unsupported {
        OnnxTensor tensor = call.node().tensor("value");
        if (tensor != null) {
            return value(tensor);
        }
        if (call.node().has("value_int")) {
            return integers(new int[0], new long[] {call.node().integer("value_int", 0)});
        }
        if (call.node().has("value_float")) {
            return value(OnnxTensor.of(new int[0], new float[] {call.node().number("value_float", 0)}));
        }
        List<Long> integers = call.node().integers("value_ints");
        if (integers != null) {
            return integers(
                    new int[] {integers.size()},
                    integers.stream().mapToLong(Long::longValue).toArray());
        }
        List<Float> numbers = call.node().numbers("value_floats");
        if (numbers != null) {
            float[] values = new float[numbers.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = numbers.get(i);
            }
            return value(OnnxTensor.of(new int[] {values.length}, values));
        }
        throw new Unsupported("holds no numbers");
    }

    private static List<Value> constantOfShape(Call call) throws Unsupported {
        OnnxTensor fill = call.node().tensor("value");
        double number = fill == null ? 0 : fill.isInteger() ? fill.integers()[0] : fill.floats()[0];
        long[] sizes = known(call, 0).integers();
        int[] shape = small(sizes);
        if (fill != null && fill.isInteger()) {
            if (shape == null) {
                throw new Unsupported("makes integers of a shape that depends on the batch");
            }
            long[] values = new long[(int) Shapes.elements(shape)];
            Arrays.fill(values, fill.integers()[0]);
            return integers(shape, values);
        }
        return List.of(new Value.Filled(number));
    }

    /** A shape of at most some thousand values; null where it is larger or not known. */
    private static int @Nullable [] small(long[] sizes) {
        int[] shape = new int[sizes.length];
        for (int i = 0; i < shape.length; i++) {
            if (sizes[i] < 0 || sizes[i] > 4096 || shape.length > Shapes.MAX_RANK) {
                return null;
            }
            shape[i] = (int) sizes[i];
        }
        long count = Shapes.elements(shape);
        return count < 0 || count > 4096 ? null : shape;
    }

    private static List<Value> cast(Call call) throws Unsupported {
        Value value = call.input(0);
        if (!(value instanceof Value.Constant constant)) {
            return List.of(value);
        }
        OnnxTensor tensor = constant.tensor();
        long to = call.node().integer("to", 0);
        boolean toInteger = to == 2 || to == 3 || (to >= 4 && to <= 7) || to == 12 || to == 13;
        boolean toFloat = to == 1 || to == 10 || to == 11 || to == 16;
        if (!toInteger && !toFloat) {
            throw new Unsupported("casts to type " + to);
        }
        if (toInteger == tensor.isInteger()) {
            return List.of(value);
        }
        int count = call.context().budget().take(tensor.size());
        if (toInteger) {
            long[] values = new long[count];
            for (int i = 0; i < count; i++) {
                values[i] = (long) tensor.floats()[i];
            }
            return integers(shape(tensor), values);
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = required(tensor.integers()[i]);
        }
        return value(OnnxTensor.of(shape(tensor), values));
    }

    private static long required(long size) throws Unsupported {
        if (size == Value.BATCH) {
            throw new Unsupported("calculates with the number of examples");
        }
        return size;
    }

    private static List<Value> expand(Call call) throws Unsupported {
        Value value = call.input(0);
        if (value instanceof Value.Filled) {
            return List.of(value);
        }
        OnnxTensor tensor = known(call, 0);
        if (tensor.isInteger() || tensor.size() == 0) {
            throw new Unsupported("expands integers");
        }
        for (float number : tensor.floats()) {
            if (number != tensor.floats()[0]) {
                throw new Unsupported("expands a constant of different values");
            }
        }
        return List.of(new Value.Filled(tensor.floats()[0]));
    }

    /** Picks values of a tensor by their positions. */
    private static List<Value> picked(Call call, OnnxTensor tensor, int[] shape, Positions positions)
            throws Unsupported {
        long elements = Shapes.elements(shape);
        int count = elements == tensor.size()
                ? tensor.size()
                : call.context().budget().take(elements);
        int[] index = new int[shape.length];
        float[] floats = new float[tensor.isInteger() ? 0 : count];
        long[] integers = new long[tensor.isInteger() ? count : 0];
        for (int i = 0; i < count; i++) {
            int from = positions.of(index);
            if (tensor.isInteger()) {
                integers[i] = tensor.integers()[from];
            } else {
                floats[i] = tensor.floats()[from];
            }
            for (int d = shape.length - 1; d >= 0 && ++index[d] == shape[d]; d--) {
                index[d] = 0;
            }
        }
        return tensor.isInteger() ? integers(shape, integers) : value(OnnxTensor.of(shape, floats));
    }

    @FunctionalInterface
    private interface Positions {
        int of(int[] index);
    }

    /** Distances between neighbours on each axis. */
    private static int[] strides(int[] shape) {
        int[] strides = new int[shape.length];
        int stride = 1;
        for (int d = shape.length - 1; d >= 0; d--) {
            strides[d] = stride;
            stride *= Math.max(shape[d], 1);
        }
        return strides;
    }

    private static List<Value> gather(Call call) throws Unsupported {
        OnnxTensor tensor = known(call, 0);
        OnnxTensor indices = known(call, 1);
        int[] from = shape(tensor);
        int axis = Call.axis(call.node().integer("axis", 0), from.length);
        long[] wanted = indices.integers().clone();
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] < -from[axis] || wanted[i] >= from[axis]) {
                throw new Unsupported("gathers place " + wanted[i] + " of " + from[axis]);
            }
            wanted[i] += wanted[i] < 0 ? from[axis] : 0;
        }
        int[] middle = shape(indices);
        int[] shape = new int[from.length - 1 + middle.length];
        System.arraycopy(from, 0, shape, 0, axis);
        System.arraycopy(middle, 0, shape, axis, middle.length);
        System.arraycopy(from, axis + 1, shape, axis + middle.length, from.length - 1 - axis);
        int[] strides = strides(from);
        int[] inner = strides(middle);
        return picked(call, tensor, shape, index -> {
            int at = 0;
            int which = 0;
            for (int d = 0; d < shape.length; d++) {
                if (d < axis) {
                    at += index[d] * strides[d];
                } else if (d < axis + middle.length) {
                    which += index[d] * inner[d - axis];
                } else {
                    at += index[d] * strides[d - middle.length + 1];
                }
            }
            return at + (int) wanted[which] * strides[axis];
        });
    }

    private static List<Value> slice(Call call) throws Unsupported {
        OnnxTensor tensor = known(call, 0);
        int[] from = shape(tensor);
        Range[] ranges = Range.of(call, from);
        int[] shape = Arrays.stream(ranges).mapToInt(Range::count).toArray();
        int[] strides = strides(from);
        return picked(call, tensor, shape, index -> {
            int at = 0;
            for (int d = 0; d < index.length; d++) {
                at += (ranges[d].start() + index[d] * ranges[d].step()) * strides[d];
            }
            return at;
        });
    }

    private static List<Value> concat(Call call) throws Unsupported {
        List<OnnxTensor> parts = new ArrayList<>();
        for (int i = 0; i < call.inputs().size(); i++) {
            parts.add(known(call, i));
        }
        OnnxTensor first = known(call, 0);
        int[] shape = shape(first);
        int axis = Call.axis(call.node().integer("axis", 0), shape.length);
        int[] ends = new int[parts.size()];
        long total = 0;
        for (int i = 0; i < ends.length; i++) {
            int[] sizes = shape(parts.get(i));
            if (sizes.length != shape.length || parts.get(i).isInteger() != first.isInteger()) {
                throw new Unsupported("concatenates constants of different kinds");
            }
            total += sizes[axis];
            ends[i] = (int) Math.min(total, Integer.MAX_VALUE);
            sizes[axis] = shape[axis];
            if (!Arrays.equals(sizes, shape)) {
                throw new Unsupported("concatenates constants of shapes that do not fit");
            }
        }
        shape[axis] = (int) Math.min(total, Integer.MAX_VALUE);
        int count = call.context().budget().take(Shapes.elements(shape));
        int outer = 1;
        for (int d = 0; d < axis; d++) {
            outer *= shape[d];
        }
        float[] floats = new float[first.isInteger() ? 0 : count];
        long[] integers = new long[first.isInteger() ? count : 0];
        int at = 0;
        for (int o = 0; o < outer; o++) {
            for (OnnxTensor part : parts) {
                int length = part.size() / outer;
                Object values = first.isInteger() ? part.integers() : part.floats();
                System.arraycopy(values, o * length, first.isInteger() ? integers : floats, at, length);
                at += length;
            }
        }
        return first.isInteger() ? integers(shape, integers) : value(OnnxTensor.of(shape, floats));
    }

    private static List<Value> transpose(Call call) throws Unsupported {
        OnnxTensor tensor = known(call, 0);
        int[] from = shape(tensor);
        int[] order = ViewOperators.order(call, from.length);
        int[] shape = new int[from.length];
        for (int d = 0; d < shape.length; d++) {
            shape[d] = from[order[d]];
        }
        int[] strides = strides(from);
        return picked(call, tensor, shape, index -> {
            int at = 0;
            for (int d = 0; d < index.length; d++) {
                at += index[d] * strides[order[d]];
            }
            return at;
        });
    }

    private static List<Value> reshaped(OnnxTensor tensor, List<Integer> sizes) throws Unsupported {
        int[] shape = sizes.stream().mapToInt(Integer::intValue).toArray();
        if (Shapes.elements(shape) != tensor.size() || shape.length > Shapes.MAX_RANK) {
            throw new Unsupported("takes a constant of shape " + tensor.text() + " as " + sizes);
        }
        return value(
                tensor.isInteger() ? OnnxTensor.of(shape, tensor.integers()) : OnnxTensor.of(shape, tensor.floats()));
    }

    private static List<Value> squeeze(Call call) throws Unsupported {
        OnnxTensor tensor = known(call, 0);
        List<Integer> sizes = new ArrayList<>(tensor.shape());
        long[] axes = call.integers(1, "axes");
        if (axes == null) {
            sizes.removeIf(size -> size == 1);
            return reshaped(tensor, sizes);
        }
        for (long axis : axes) {
            sizes.set(Call.axis(axis, sizes.size()), -1);
        }
        sizes.removeIf(size -> size == -1);
        return reshaped(tensor, sizes);
    }

    private static List<Value> unsqueeze(Call call) throws Unsupported {
        OnnxTensor tensor = known(call, 0);
        long[] axes = call.integers(1, "axes");
        if (axes == null || axes.length > Shapes.MAX_RANK) {
            throw new Unsupported("names no axes");
        }
        return reshaped(tensor, ViewOperators.inserted(tensor.shape(), axes, 1));
    }

    private static List<Value> reshape(Call call) throws Unsupported {
        OnnxTensor tensor = known(call, 0);
        long[] wanted = known(call, 1).integers();
        List<Integer> sizes = new ArrayList<>();
        long product = 1;
        int open = -1;
        for (int i = 0; i < wanted.length; i++) {
            long size =
                    wanted[i] == 0 && i < tensor.shape().size() ? tensor.shape().get(i) : wanted[i];
            if (size == -1 && open < 0) {
                open = i;
                size = 1;
            }
            if (size < 0 || size > Integer.MAX_VALUE || i >= Shapes.MAX_RANK) {
                throw new Unsupported("takes a constant of shape " + tensor.text() + " as " + Arrays.toString(wanted));
            }
            product *= size;
            if (product > Integer.MAX_VALUE) {
                throw new Unsupported("takes a constant of shape " + tensor.text() + " as " + Arrays.toString(wanted));
            }
            sizes.add((int) size);
        }
        if (open >= 0 && product > 0) {
            sizes.set(open, (int) (tensor.size() / product));
        }
        return reshaped(tensor, sizes);
    }

    private static List<Value> flatten(Call call) throws Unsupported {
        OnnxTensor tensor = known(call, 0);
        int rank = tensor.shape().size();
        long given = call.node().integer("axis", 1);
        int axis = given == rank ? rank : Call.axis(given, rank);
        int front = tensor.shape().subList(0, axis).stream().reduce(1, (a, b) -> a * b);
        return reshaped(tensor, List.of(front, front == 0 ? 0 : tensor.size() / front));
    }

    /** Of numbers of equal shapes, or of a single one and many. */
    private static Operator binary(LongBinaryOperator integers, DoubleBinaryOperator numbers) {
        return call -> {
            if (call.input(0) instanceof Value.Filled a && call.input(1) instanceof Value.Filled b) {
                return List.of(new Value.Filled(numbers.applyAsDouble(a.number(), b.number())));
            }
            OnnxTensor a = known(call, 0);
            OnnxTensor b = known(call, 1);
            if (!a.shape().equals(b.shape()) && a.size() != 1 && b.size() != 1) {
                throw new Unsupported("calculates with constants of shapes " + a.text() + " and " + b.text());
            }
            OnnxTensor shaped = a.size() == 1
                            && (b.size() != 1 || b.shape().size() > a.shape().size())
                    ? b
                    : a;
            int count = call.context().budget().take(shaped.size());
            if (a.isInteger()) {
                long[] values = new long[count];
                for (int i = 0; i < count; i++) {
                    long left = required(a.integers()[a.size() == 1 ? 0 : i]);
                    long right = required(b.integers()[b.size() == 1 ? 0 : i]);
                    try {
                        values[i] = integers.applyAsLong(left, right);
                    } catch (ArithmeticException e) {
                        throw new Unsupported("calculates " + e.getMessage());
                    }
                }
                return integers(shape(shaped), values);
            }
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = (float)
                        numbers.applyAsDouble(a.floats()[a.size() == 1 ? 0 : i], b.floats()[b.size() == 1 ? 0 : i]);
            }
            return value(OnnxTensor.of(shape(shaped), values));
        };
    }
}
