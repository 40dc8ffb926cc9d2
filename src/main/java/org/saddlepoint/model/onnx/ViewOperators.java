package org.saddlepoint.model.onnx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.format.Shapes;
import org.saddlepoint.format.onnx.OnnxTensor;
import org.saddlepoint.model.Recurrent;
import org.saddlepoint.model.onnx.Call.Operator;

/** Operators that show the same values on other axes; and those that take part of them, as far as a layer does so. */
final class ViewOperators {
    private ViewOperators() {}

    static Map<String, Operator> table() {
        Map<String, Operator> table = new HashMap<>();
        table.put("Transpose", ViewOperators::transpose);
        table.put("Reshape", ViewOperators::reshape);
        table.put("Flatten", ViewOperators::flatten);
        table.put("Squeeze", ViewOperators::squeeze);
        table.put("Unsqueeze", ViewOperators::unsqueeze);
        table.put("Shape", ViewOperators::shape);
        table.put("Gather", ViewOperators::gather);
        table.put("Slice", ViewOperators::slice);
        return table;
    }

    /** The axes of a Transpose: which axis of the input becomes each of the output. */
    static int[] order(Call call, int rank) throws Unsupported {
        List<Long> given = call.node().integers("perm");
        int[] order = new int[rank];
        boolean[] seen = new boolean[rank];
        for (int d = 0; d < rank; d++) {
            order[d] = given == null ? rank - 1 - d : given.size() == rank ? Call.axis(given.get(d), rank) : 0;
            seen[order[d]] = true;
        }
        for (boolean each : seen) {
            if (!each) {
                throw new Unsupported("permutes " + rank + " axes by " + given);
            }
        }
        return order;
    }

    private static List<Value> transpose(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        List<Axis> axes = new ArrayList<>();
        for (int axis : order(call, data.rank())) {
            axes.add(data.axes().get(axis));
        }
        return Call.one(new Value.Data(data.vertex(), axes));
    }

    private static List<Value> flatten(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        long given = call.node().integer("axis", 1);
        int axis = given == data.rank() ? data.rank() : Call.axis(given, data.rank());
        List<Axis> front = data.axes().subList(0, axis);
        if (!front.contains(Axis.BATCH) || front.stream().anyMatch(a -> a.size() != 1)) {
            throw new Unsupported(
                    "flattens values of shape " + data.text() + " at axis " + given + ": batch and features would mix");
        }
        return Call.one(reshaped(data, new long[] {Value.BATCH, data.size()}));
    }

    private static List<Value> reshape(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        long[] wanted = call.constant(1, "sizes").integers().clone();
        if (wanted.length > Shapes.MAX_RANK) {
            throw new Unsupported("makes " + wanted.length + " dimensions");
        }
        long[] own = data.dimensions();
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] == 0 && i < own.length) {
                wanted[i] = own[i];
            }
        }
        for (int batchAt : candidates(call, wanted)) {
            long[] sizes = wanted.clone();
            sizes[batchAt] = Value.BATCH;
            if (Arrays.stream(sizes).filter(size -> size == Value.BATCH).count() == 1 && fill(sizes, data.size())) {
                return Call.one(reshaped(data, sizes));
            }
        }
        throw new Unsupported(
                "takes values of shape " + data.text() + " as " + text(wanted) + ", where the batch cannot be found");
    }

    private static String text(long[] sizes) {
        return Arrays.toString(sizes).replace(String.valueOf(Value.BATCH), "batch");
    }

    /** Where the batch may be, likeliest first. */
    private static List<Integer> candidates(Call call, long[] sizes) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] == Value.BATCH) {
                return List.of(i);
            }
        }
        for (int i = 0; i < sizes.length; i++) {
            if (i == 0 && sizes[i] == call.context().batch()) {
                all.add(i);
            }
        }
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] == -1 || sizes[i] == call.context().batch()) {
                all.add(i);
            }
        }
        return all;
    }

    /** Replaces -1; whether the sizes but the batch then hold so many values. */
    private static boolean fill(long[] sizes, long count) {
        long product = 1;
        int open = -1;
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] == -1 && open < 0) {
                open = i;
            } else if (sizes[i] != Value.BATCH) {
                if (sizes[i] < 1 || sizes[i] > count || product > count) {
                    return false;
                }
                product *= sizes[i];
            }
        }
        if (open >= 0) {
            if (product > count || count % product != 0) {
                return false;
            }
            sizes[open] = count / product;
            return true;
        }
        return product == count;
    }

    /** The same values in other sizes, the batch among them; their product is known to be the same. */
    static Value.Data reshaped(Value.Data data, long[] sizes) throws Unsupported {
        Deque<Axis.Part> rest = new ArrayDeque<>();
        long beforeBatch = 1;
        boolean before = true;
        for (Axis axis : data.axes()) {
            before &= !axis.batch();
            beforeBatch *= before ? axis.size() : 1;
            rest.addAll(axis.parts());
        }
        rest = new ArrayDeque<>(Axis.merged(List.copyOf(rest)));
        List<Axis> axes = new ArrayList<>();
        for (long size : sizes) {
            if (size == Value.BATCH) {
                if (beforeBatch != 1) {
                    throw mixed(data, sizes);
                }
                axes.add(Axis.BATCH);
            } else {
                beforeBatch = axes.contains(Axis.BATCH) ? 1 : beforeBatch % size == 0 ? beforeBatch / size : 0;
                axes.add(new Axis(false, taken(rest, size, data, sizes)));
            }
        }
        return new Value.Data(data.vertex(), axes);
    }

    private static List<Axis.Part> taken(Deque<Axis.Part> rest, long size, Value.Data data, long[] sizes)
            throws Unsupported {
        List<Axis.Part> parts = new ArrayList<>();
        long left = size;
        while (left > 1) {
            Axis.Part next = rest.removeFirst();
            if (left % next.size() == 0) {
                parts.add(next);
                left /= next.size();
            } else if (next.size() % left == 0) {
                long inner = next.size() / left;
                parts.add(new Axis.Part(left, next.stride() * inner));
                rest.addFirst(new Axis.Part(inner, next.stride()));
                left = 1;
            } else {
                throw mixed(data, sizes);
            }
        }
        return parts;
    }

    private static Unsupported mixed(Value.Data data, long[] sizes) {
        return new Unsupported("takes values of shape " + data.text() + " as " + text(sizes)
                + ": batch and features, or features in a permuted order, would mix");
    }

    private static List<Value> squeeze(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        long[] given = call.integers(1, "axes");
        boolean[] gone = new boolean[data.rank()];
        for (int i = 0; i < gone.length; i++) {
            Axis axis = data.axes().get(i);
            gone[i] = given == null && !axis.batch() && axis.size() == 1;
        }
        for (long each : given == null ? new long[0] : given) {
            gone[Call.axis(each, data.rank())] = true;
        }
        List<Axis> axes = new ArrayList<>();
        for (int i = 0; i < gone.length; i++) {
            Axis axis = data.axes().get(i);
            if (!gone[i]) {
                axes.add(axis);
            } else if (axis.batch() || axis.size() != 1) {
                throw new Unsupported("squeezes axis " + i + " of values of shape " + data.text());
            }
        }
        return Call.one(new Value.Data(data.vertex(), axes));
    }

    private static List<Value> unsqueeze(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        long[] axes = call.integers(1, "axes");
        if (axes == null || axes.length > Shapes.MAX_RANK || data.rank() + axes.length > Shapes.MAX_RANK) {
            throw new Unsupported("names no axes, or too many");
        }
        return Call.one(new Value.Data(data.vertex(), inserted(data.axes(), axes, Axis.one())));
    }

    /** A list with something at those places of the result. */
    static <T> List<T> inserted(List<T> list, long[] places, T what) throws Unsupported {
        int rank = list.size() + places.length;
        boolean[] isNew = new boolean[rank];
        for (long place : places) {
            int at = Call.axis(place, rank);
            if (isNew[at]) {
                throw new Unsupported("names the axis " + place + " twice");
            }
            isNew[at] = true;
        }
        List<T> all = new ArrayList<>();
        int next = 0;
        for (boolean each : isNew) {
            all.add(each ? what : list.get(next++));
        }
        return all;
    }

    private static List<Value> shape(Call call) throws Unsupported {
        long[] sizes = call.data(0).dimensions();
        int from = end(call.node().integer("start", 0), sizes.length);
        int to = end(call.node().integer("end", sizes.length), sizes.length);
        long[] part = Arrays.copyOfRange(sizes, from, Math.max(from, to));
        return Call.one(new Value.Constant(OnnxTensor.of(new int[] {part.length}, part)));
    }

    private static int end(long place, int rank) {
        return Math.clamp(place < 0 ? place + rank : place, 0, rank);
    }

    private static List<Value> gather(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        OnnxTensor indices = call.constant(1, "positions");
        int axis = Call.axis(call.node().integer("axis", 0), data.rank());
        if (indices.size() == 1 && indices.shape().isEmpty()) {
            long place = indices.integers()[0];
            Value.Data last =
                    last(data, axis, place < 0 ? place + data.axes().get(axis).size() : place, call);
            if (last != null) {
                List<Axis> axes = new ArrayList<>(last.axes());
                axes.remove(axis);
                return Call.one(new Value.Data(last.vertex(), axes));
            }
        }
        throw new Unsupported("takes part of values of shape " + data.text()
                + ": of a recurrent layer's states the last" + " can be taken, otherwise all");
    }

    private static List<Value> slice(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        int[] sizes = new int[data.rank()];
        for (int i = 0; i < sizes.length; i++) {
            Axis axis = data.axes().get(i);
            sizes[i] = axis.batch() ? Integer.MAX_VALUE : Math.toIntExact(axis.size());
        }
        Range[] ranges = Range.of(call, sizes);
        Value.Data result = data;
        for (int i = 0; i < sizes.length; i++) {
            boolean all = ranges[i].start() == 0 && ranges[i].count() == sizes[i] && ranges[i].step() == 1;
            Value.@Nullable Data next = all
                    ? result
                    : ranges[i].count() == 1 && !data.axes().get(i).batch()
                            ? last(result, i, ranges[i].start(), call)
                            : null;
            if (next == null) {
                throw new Unsupported("takes part of values of shape " + data.text()
                        + ": of a recurrent layer's states the last can be taken, otherwise all");
            }
            result = next;
        }
        return Call.one(result);
    }

    /** The last state of a recurrent layer, the axis of the steps kept as one of size 1; null where it is none. */
    private static Value.@Nullable Data last(Value.Data data, int axis, long place, Call call) {
        Axis steps = data.axes().get(axis);
        if (steps.size() == 1 && !steps.batch() && place == 0) {
            return data;
        }
        if (!(data.vertex().step() instanceof Vertex.Weighted weighted)
                || !(weighted.layer() instanceof Recurrent recurrent)
                || !recurrent.sequence()) {
            return null;
        }
        long count = data.vertex().shape().dimensions().getFirst();
        if (place != count - 1 || !steps.equals(Axis.of(count, recurrent.hidden()))) {
            return null;
        }
        Recurrent one = new Recurrent(recurrent.kind(), recurrent.in(), recurrent.hidden(), false);
        Vertex vertex = data.vertex().input().then(Vertex.Weighted.of(one, weighted.parameters()), call.name());
        List<Axis> axes = new ArrayList<>(data.axes());
        axes.set(axis, Axis.one());
        return new Value.Data(vertex, axes);
    }
}
