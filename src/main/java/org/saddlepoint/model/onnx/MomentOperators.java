package org.saddlepoint.model.onnx;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.model.LayerNorm;
import org.saddlepoint.model.onnx.Call.Operator;
import org.saddlepoint.model.onnx.Value.Moment;
import org.saddlepoint.model.onnx.Value.Moment.Stage;

/**
 * Layer normalisation written out, as exporters did before opset 17: (x - E[x]) / sqrt(E[(x - E[x])^2] + epsilon). Each
 * operator recognises its part; what is no such part is not supported.
 */
final class MomentOperators {
    private MomentOperators() {}

    static Map<String, Operator> table() {
        Map<String, Operator> table = new HashMap<>();
        table.put("Identity", call -> Call.one(call.input(0)));
        table.put("Cast", call -> Call.one(call.input(0)));
        table.put("Sub", MomentOperators::centred);
        table.put("Pow", call -> squared(call, exponent(call) == 2));
        table.put("Mul", call -> squared(call, call.input(0).equals(call.input(1))));
        table.put("ReduceMean", MomentOperators::variance);
        table.put("Add", MomentOperators::shifted);
        table.put("Sqrt", call -> Call.one(at(call, 0, Stage.VARIANCE).at(Stage.DEVIATION)));
        table.put("Div", MomentOperators::normalized);
        return table;
    }

    /** A mean that may be the first step: over the last axes, which are kept; null for any other. */
    static @Nullable Moment mean(Value.Data data, boolean[] gone, boolean keep) {
        int axis = data.rank();
        while (axis > 0 && gone[axis - 1]) {
            axis--;
        }
        for (int i = 0; i < axis; i++) {
            if (gone[i]) {
                return null;
            }
        }
        boolean possible = keep && axis < data.rank() && axis > data.batchAxis();
        return possible ? new Moment(data, axis, Stage.MEAN, 0) : null;
    }

    private static Moment at(Call call, int i, Stage stage) throws Unsupported {
        if (call.input(i) instanceof Moment moment && moment.stage() == stage) {
            return moment;
        }
        throw new Unsupported("takes a mean of part of an example's values, and is no part of a layer normalisation");
    }

    private static List<Value> centred(Call call) throws Unsupported {
        Moment mean = at(call, 1, Stage.MEAN);
        if (!call.input(0).equals(mean.of())) {
            throw new Unsupported("subtracts a mean from other values than it is of");
        }
        return Call.one(mean.at(Stage.CENTRED));
    }

    private static float exponent(Call call) throws Unsupported {
        float[] values = call.constant(1, "exponents").floats();
        return values.length == 1 ? values[0] : Float.NaN;
    }

    private static List<Value> squared(Call call, boolean isSquare) throws Unsupported {
        Moment centred = at(call, 0, Stage.CENTRED);
        if (!isSquare) {
            throw new Unsupported("takes another power than a square");
        }
        return Call.one(centred.at(Stage.SQUARED));
    }

    private static List<Value> variance(Call call) throws Unsupported {
        Moment squared = at(call, 0, Stage.SQUARED);
        boolean[] gone = ImageOperators.reduced(call, squared.of().rank());
        boolean keep = call.node().integer("keepdims", 1) != 0;
        Moment same = mean(squared.of(), gone, keep);
        if (same == null || same.axis() != squared.axis()) {
            throw new Unsupported("takes a variance over other axes than the mean");
        }
        return Call.one(squared.at(Stage.VARIANCE));
    }

    private static List<Value> shifted(Call call) throws Unsupported {
        int constant = call.input(0) instanceof Moment ? 1 : 0;
        Moment variance = at(call, 1 - constant, Stage.VARIANCE);
        float[] epsilon = call.weights(constant, "summands", 1);
        return Call.one(new Moment(variance.of(), variance.axis(), Stage.VARIANCE, variance.epsilon() + epsilon[0]));
    }

    private static List<Value> normalized(Call call) throws Unsupported {
        Moment centred = at(call, 0, Stage.CENTRED);
        Moment deviation = at(call, 1, Stage.DEVIATION);
        if (!centred.of().equals(deviation.of()) || centred.axis() != deviation.axis()) {
            throw new Unsupported("divides by the deviation of other values");
        }
        Vertex input = centred.of().inShape(call.name());
        List<Integer> all = input.shape().dimensions();
        LayerNorm norm = new LayerNorm(all.subList(centred.axis() - 1, all.size()), deviation.epsilon());
        int count = norm.tensors().getFirst().size();
        float[] parameters = new float[call.context().budget().take(2L * count)];
        Arrays.fill(parameters, 0, count, 1);
        return Call.one(centred.of().on(input.then(Vertex.Weighted.of(norm, parameters), call.name())));
    }
}
