package org.saddlepoint.model.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.saddlepoint.format.onnx.OnnxTensor;
import org.saddlepoint.model.Branches;
import org.saddlepoint.model.Dropout;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.LayerNorm;
import org.saddlepoint.model.Layers;
import org.saddlepoint.model.Scale;
import org.saddlepoint.model.onnx.Call.Operator;

/** Operators of each value for itself, in whatever order: non-linearities, constants that are added or multiplied, sums. */
final class ElementOperators {
    private ElementOperators() {}

    static Map<String, Operator> table() {
        Map<String, Operator> table = new HashMap<>();
        table.put("Identity", call -> Call.one(call.data(0)));
        table.put("Relu", call -> layer(call, Layers.relu()));
        table.put("Sigmoid", call -> layer(call, Layers.sigmoid()));
        table.put("Tanh", call -> layer(call, Layers.tanh()));
        table.put("LeakyRelu", call -> leaky(call, call.node().number("alpha", 0.01f)));
        table.put("PRelu", ElementOperators::parametric);
        table.put("Clip", ElementOperators::clip);
        table.put("HardSigmoid", ElementOperators::hardSigmoid);
        table.put("Dropout", ElementOperators::dropout);
        table.put("Softmax", ElementOperators::softmax);
        table.put("LogSoftmax", ElementOperators::softmax);
        table.put("Cast", ElementOperators::cast);
        table.put("Neg", call -> layer(call, scale(-1, 0)));
        table.put("Add", call -> sum(call, 1));
        table.put("Sub", call -> sum(call, -1));
        table.put("Sum", call -> sum(call, 1));
        table.put("Mul", ElementOperators::product);
        table.put("Div", ElementOperators::quotient);
        return table;
    }

    private static List<Value> layer(Call call, Layer layer) throws Unsupported {
        return Call.one(call.data(0).then(layer, call.name()));
    }

    private static Scale scale(float factor, float summand) {
        return new Scale(List.of(factor), List.of(summand));
    }

    private static List<Value> leaky(Call call, float slope) throws Unsupported {
        if (slope == 0) {
            return layer(call, Layers.relu());
        }
        if (!(slope > 0 && slope < 1)) {
            throw new Unsupported("has the slope " + slope + ", which must lie between 0 and 1");
        }
        return layer(call, Layers.leakyRelu(slope));
    }

    private static List<Value> parametric(Call call) throws Unsupported {
        float[] slopes = call.weights(1, "slopes");
        for (float slope : slopes) {
            if (slope != slopes[0]) {
                throw new Unsupported("has different slopes, where one for all can be taken");
            }
        }
        return leaky(call, slopes.length == 0 ? -1 : slopes[0]);
    }

    private static List<Value> clip(Call call) throws Unsupported {
        return clipped(
                call,
                call.data(0),
                bound(call, 1, "min", Float.NEGATIVE_INFINITY),
                bound(call, 2, "max", Float.POSITIVE_INFINITY));
    }

    private static float bound(Call call, int input, String attribute, float otherwise) throws Unsupported {
        if (!call.has(input)) {
            return call.node().number(attribute, otherwise);
        }
        float[] values = call.constant(input, "bounds").floats();
        if (values.length != 1) {
            throw new Unsupported("has " + values.length + " values as " + attribute);
        }
        return values[0];
    }

    /** clip(x, a, b) = a + clip(x - a, 0, b - a). */
    private static List<Value> clipped(Call call, Value.Data data, float low, float high) throws Unsupported {
        boolean open = high >= Float.MAX_VALUE;
        if (low <= -Float.MAX_VALUE && open) {
            return Call.one(data);
        }
        if (!(low > -Float.MAX_VALUE) || !(low < high)) {
            throw new Unsupported("clips to between " + low + " and " + high
                    + ", where the lower bound must be finite and" + " below the upper");
        }
        Layer clip = open ? Layers.relu() : Layers.clippedRelu(high - low);
        if (low == 0) {
            return Call.one(data.then(clip, call.name()));
        }
        return Call.one(
                data.then(scale(1, -low), call.name()).then(clip, call.name()).then(scale(1, low), call.name()));
    }

    private static List<Value> hardSigmoid(Call call) throws Unsupported {
        Layer line = scale(call.node().number("alpha", 0.2f), call.node().number("beta", 0.5f));
        return clipped(call, call.data(0).then(line, call.name()), 0, 1);
    }

    private static List<Value> dropout(Call call) throws Unsupported {
        float ratio = bound(call, 1, "ratio", 0.5f);
        Value mask = new Value.Missing("reads the mask of a dropout, which is not computed");
        return List.of(call.data(0).then(new Dropout(ratio), call.name()), mask);
    }

    private static List<Value> softmax(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        int axis = Call.axis(call.node().integer("axis", call.opset() < 13 ? 1 : -1), data.rank());
        long size = call.opset() < 13
                ? data.axes().subList(axis, data.rank()).stream()
                        .mapToLong(Axis::size)
                        .reduce(1, (a, b) -> a * b)
                : data.axes().get(axis).size();
        if (size != data.size()) {
            throw new Unsupported("normalises " + size + " of the " + data.size() + " values of an example");
        }
        return Call.one(
                data.on(data.vertex().then(new Vertex.Softmax(), data.vertex().shape(), call.name())));
    }

    private static List<Value> cast(Call call) throws Unsupported {
        if (call.node().integer("to", 0) != 1) {
            throw new Unsupported("casts to another type than float32");
        }
        return Call.one(call.data(0));
    }

    /** a + sign * b, or of any number of inputs. */
    private static List<Value> sum(Call call, int sign) throws Unsupported {
        List<Value.Data> branches = new ArrayList<>();
        int negated = -1;
        for (int i = 0; i < call.inputs().size(); i++) {
            if (call.input(i) instanceof Value.Data data) {
                boolean negative = i > 0 && sign < 0;
                negated = negative ? branches.size() : negated;
                branches.add(data);
            }
        }
        if (negated >= 0) {
            branches.set(negated, branches.get(negated).then(scale(-1, 0), call.name()));
        }
        Value.Data total = branches.size() == 1 ? branches.getFirst() : added(call, branches);
        for (int i = 0; i < call.inputs().size(); i++) {
            if (!(call.input(i) instanceof Value.Data)) {
                float[] summands = byChannel(call, total, i);
                if (i > 0 && sign < 0) {
                    negate(summands);
                }
                total = scaled(call, total, ones(summands.length), summands);
            }
        }
        return Call.one(total);
    }

    private static Value.Data added(Call call, List<Value.Data> branches) throws Unsupported {
        Value.Data first = branches.getFirst();
        List<Vertex> inputs = new ArrayList<>();
        for (Value.Data branch : branches) {
            if (!branch.axes().equals(first.axes()) || branch.size() != first.size()) {
                throw new Unsupported("adds values of shapes " + first.text() + " and " + branch.text()
                        + (Arrays.equals(first.dimensions(), branch.dimensions())
                                ? ", whose orders differ"
                                : ", where only equal shapes can be added"));
            }
            inputs.add(Value.Data.reshaped(branch.vertex(), first.vertex().shape(), call.name()));
        }
        return first.on(Vertex.join(Branches.Join.ADD, inputs, first.vertex().shape(), call.name()));
    }

    private static void negate(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = -values[i];
        }
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static List<Value> product(Call call) throws Unsupported {
        int constant = call.input(0) instanceof Value.Data ? 1 : 0;
        if (call.input(constant) instanceof Value.Data) {
            throw new Unsupported("multiplies values that both depend on the network's input");
        }
        Value.Data data = call.data(1 - constant);
        float[] factors = byChannel(call, data, constant);
        return Call.one(scaled(call, data, factors, new float[factors.length]));
    }

    private static List<Value> quotient(Call call) throws Unsupported {
        if (call.input(1) instanceof Value.Data) {
            throw new Unsupported("divides by values that depend on the network's input");
        }
        Value.Data data = call.data(0);
        float[] factors = byChannel(call, data, 1);
        for (int i = 0; i < factors.length; i++) {
            factors[i] = 1 / factors[i];
        }
        return Call.one(scaled(call, data, factors, new float[factors.length]));
    }

    /**
     * A constant operand: one value for all, or one for each channel of the data's vertex, or one for each value.
     */
    private static float[] byChannel(Call call, Value.Data data, int i) throws Unsupported {
        if (call.input(i) instanceof Value.Filled filled) {
            return new float[] {(float) filled.number()};
        }
        OnnxTensor tensor = call.constant(i, "operands");
        float[] values = Call.finite(tensor, "operands");
        if (values.length == 1 && tensor.shape().size() <= data.rank()) {
            return values.clone();
        }
        List<Integer> shape = tensor.shape();
        int ahead = data.rank() - shape.size();
        List<Integer> matching = new ArrayList<>();
        for (int d = 0; d < shape.size(); d++) {
            Axis axis = ahead + d < 0 ? Axis.BATCH : data.axes().get(ahead + d);
            if (shape.get(d) != 1) {
                matching.add(d);
                if (axis.batch() || axis.size() != shape.get(d)) {
                    throw new Unsupported("combines values of shape " + data.text() + " with a constant of shape "
                            + tensor.text() + ", which does not fit");
                }
            }
        }
        int channels = data.vertex().shape().dimensions().getFirst();
        if (matching.size() == 1
                && data.axes().get(ahead + matching.getFirst()).equals(Axis.of(channels, data.size() / channels))) {
            return values.clone();
        }
        return spread(call, data, tensor, ahead);
    }

    /** Each value's own, in the order of the network. */
    private static float[] spread(Call call, Value.Data data, OnnxTensor tensor, int ahead) throws Unsupported {
        float[] all = new float[call.context().budget().take(data.size())];
        List<int[]> places = new ArrayList<>();
        for (Axis axis : data.axes()) {
            places.add(axis.places());
        }
        int[] index = new int[data.rank()];
        for (int i = 0; i < all.length; i++) {
            int from = 0;
            int to = 0;
            for (int d = 0; d < index.length; d++) {
                to += places.get(d)[index[d]];
                int size = d < ahead ? 1 : tensor.shape().get(d - ahead);
                from = from * size + (size == 1 ? 0 : index[d]);
            }
            all[to] = tensor.floats()[from];
            for (int d = index.length - 1; d >= 0 && ++index[d] == places.get(d).length; d--) {
                index[d] = 0;
            }
        }
        return all;
    }

    private static Value.Data scaled(Call call, Value.Data data, float[] factors, float[] summands) {
        if (data.vertex().step() instanceof Vertex.Weighted weighted
                && weighted.layer() instanceof LayerNorm norm
                && norm.shape().equals(data.vertex().shape().dimensions())
                && (factors.length == 1 || factors.length == data.size())) {
            return data.on(data.vertex()
                    .input()
                    .then(Vertex.Weighted.of(norm, scaled(weighted.parameters(), factors, summands)), call.name()));
        }
        int channels = data.vertex().shape().dimensions().getFirst();
        Scale scale = new Scale(boxed(factors), boxed(summands));
        if (factors.length == 1 || factors.length == channels) {
            return data.then(scale, call.name());
        }
        Vertex vertex = data.vertex();
        Vertex flat = vertex.then(new Layer.Flatten(), call.name()).then(scale, call.name());
        return data.on(Value.Data.reshaped(flat, vertex.shape(), call.name()));
    }

    /** Of a layer normalisation of all values: (n w + b) a + c = n (w a) + (b a + c). */
    private static float[] scaled(float[] parameters, float[] factors, float[] summands) {
        float[] all = parameters.clone();
        int count = all.length / 2;
        for (int i = 0; i < count; i++) {
            int j = factors.length == 1 ? 0 : i;
            all[i] *= factors[j];
            all[count + i] = all[count + i] * factors[j] + summands[j];
        }
        return all;
    }

    private static List<Float> boxed(float[] values) {
        List<Float> all = new ArrayList<>(Collections.nCopies(values.length, 0f));
        for (int i = 0; i < values.length; i++) {
            all.set(i, values[i]);
        }
        return all;
    }
}
