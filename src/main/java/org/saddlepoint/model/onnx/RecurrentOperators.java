package org.saddlepoint.model.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.saddlepoint.device.Recurrence;
import org.saddlepoint.model.Recurrent;
import org.saddlepoint.model.onnx.Call.Operator;
import org.saddlepoint.model.onnx.Vertex.Weighted;

/** RNN, LSTM and GRU in one direction, from states of zero. The gates change from ONNX's order to PyTorch's. */
final class RecurrentOperators {
    /** For each of our gates, i f g o and r z n, its place in ONNX: i o f c and z r h. */
    private static final int[] LSTM = {0, 2, 3, 1};

    private static final int[] GRU = {1, 0, 2};
    private static final int[] RNN = {0};

    private RecurrentOperators() {}

    static Map<String, Operator> table() {
        Map<String, Operator> table = new HashMap<>();
        table.put("RNN", RecurrentOperators::rnn);
        table.put("LSTM", RecurrentOperators::lstm);
        table.put("GRU", RecurrentOperators::gru);
        return table;
    }

    private static List<Value> rnn(Call call) throws Unsupported {
        List<String> functions = call.node().texts("activations");
        String function = functions == null || functions.isEmpty() ? "Tanh" : functions.getFirst();
        return switch (function) {
            case "Tanh" -> layer(call, Recurrence.Kind.RNN_TANH, RNN);
            case "Relu" -> layer(call, Recurrence.Kind.RNN_RELU, RNN);
            default -> throw new Unsupported("has the activation " + function + ", can take Tanh and Relu");
        };
    }

    private static List<Value> lstm(Call call) throws Unsupported {
        requireActivations(call, List.of("Sigmoid", "Tanh", "Tanh"));
        requireZero(call, 6, "first cell state");
        if (call.has(7)) {
            requireZero(call, 7, "peephole weights");
        }
        if (call.node().integer("input_forget", 0) != 0) {
            throw new Unsupported("couples input and forget gate");
        }
        return layer(call, Recurrence.Kind.LSTM, LSTM);
    }

    private static List<Value> gru(Call call) throws Unsupported {
        requireActivations(call, List.of("Sigmoid", "Tanh"));
        if (call.node().integer("linear_before_reset", 0) == 0) {
            throw new Unsupported(
                    "has linear_before_reset 0: the form with 1 can be taken, which PyTorch and Keras have");
        }
        return layer(call, Recurrence.Kind.GRU, GRU);
    }

    private static void requireActivations(Call call, List<String> expected) throws Unsupported {
        List<String> functions = call.node().texts("activations");
        if (functions != null && !functions.equals(expected)) {
            throw new Unsupported("has the activations " + functions + ", can take " + expected);
        }
    }

    private static void requireZero(Call call, int input, String what) throws Unsupported {
        if (!call.has(input) || call.input(input).equals(new Value.Filled(0))) {
            return;
        }
        for (float value : call.constant(input, what + " values").floats()) {
            if (value != 0) {
                throw new Unsupported("has a " + what + " that is not zero");
            }
        }
    }

    private static List<Value> layer(Call call, Recurrence.Kind kind, int[] order) throws Unsupported {
        Value.Data data = call.data(0);
        boolean batchFirst = call.node().integer("layout", 0) != 0;
        if (!call.node().text("direction", "forward").equals("forward")) {
            throw new Unsupported("has the direction " + call.node().text("direction", "") + ", can take forward");
        }
        if (call.node().has("clip")) {
            throw new Unsupported("clips its gates");
        }
        if (data.rank() != 3 || data.batchAxis() != (batchFirst ? 0 : 1)) {
            throw new Unsupported("takes values of shape " + data.text() + ", expected "
                    + (batchFirst ? "batch x steps x features" : "steps x batch x features"));
        }
        Vertex input = data.inShape(call.name());
        int steps = input.shape().dimensions().get(0);
        int in = input.shape().dimensions().get(1);
        if (call.has(4)) {
            for (long length : call.constant(4, "sequence lengths").integers()) {
                if (length != steps) {
                    throw new Unsupported("takes sequences of different lengths");
                }
            }
        }
        requireZero(call, 5, "first state");
        int gates = kind.gates();
        List<Integer> recurrent = call.constant(2, "recurrent weights").shape();
        int hidden = recurrent.isEmpty() ? 0 : recurrent.getLast();
        Recurrent layer = new Recurrent(kind, in, hidden, true);
        float[] w = call.weights(1, "weights", gates * hidden * in);
        float[] r = call.weights(2, "recurrent weights", gates * hidden * hidden);
        float[] b = call.has(3) ? call.weights(3, "biases", 2 * gates * hidden) : new float[2 * gates * hidden];
        float[] parameters = new float[call.context().budget().take((long) w.length + r.length + b.length)];
        int at = reordered(w, 0, hidden * in, order, parameters, 0);
        at = reordered(r, 0, hidden * hidden, order, parameters, at);
        at = reordered(b, 0, hidden, order, parameters, at);
        reordered(b, gates * hidden, hidden, order, parameters, at);
        Vertex all = input.then(Weighted.of(layer, parameters), call.name());
        Vertex last = input.then(Weighted.of(new Recurrent(kind, in, hidden, false), parameters), call.name());
        Axis state = Axis.of(hidden, 1);
        Axis time = Axis.of(steps, hidden);
        Value y = new Value.Data(
                all,
                batchFirst
                        ? List.of(Axis.BATCH, time, Axis.one(), state)
                        : List.of(time, Axis.one(), Axis.BATCH, state));
        List<Axis> axes = new ArrayList<>(List.of(Axis.one(), Axis.BATCH, state));
        if (batchFirst) {
            axes = List.of(Axis.BATCH, Axis.one(), state);
        }
        Value cell = new Value.Missing("reads the last cell state, where the states can be read");
        return List.of(y, new Value.Data(last, axes), cell);
    }

    /** Copies blocks of gates in our order; returns where the next goes. */
    private static int reordered(float[] from, int start, int block, int[] order, float[] to, int at) {
        for (int gate = 0; gate < order.length; gate++) {
            System.arraycopy(from, start + order[gate] * block, to, at + gate * block, block);
        }
        return at + order.length * block;
    }
}
