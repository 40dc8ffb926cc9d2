package org.saddlepoint.model.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.saddlepoint.format.onnx.OnnxTensor;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.Shape;
import org.saddlepoint.model.onnx.Call.Operator;

/** Gemm and MatMul with constant weights: dense layers. Inputs in a permuted order permute the columns of the weights. */
final class DenseOperators {
    private DenseOperators() {}

    static Map<String, Operator> table() {
        Map<String, Operator> table = new HashMap<>();
        table.put("Gemm", DenseOperators::gemm);
        table.put("MatMul", DenseOperators::matMul);
        return table;
    }

    private static List<Value> gemm(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        if (call.node().integer("transA", 0) != 0) {
            throw new Unsupported("transposes its input");
        }
        boolean transposed = call.node().integer("transB", 0) != 0;
        float alpha = call.node().number("alpha", 1);
        float beta = call.node().number("beta", 1);
        float[] bias = call.has(2) && beta != 0 ? call.weights(2, "biases") : new float[] {0};
        return dense(call, data, transposed, alpha, beta, bias);
    }

    private static List<Value> matMul(Call call) throws Unsupported {
        return dense(call, call.data(0), false, 1, 1, new float[] {0});
    }

    private static List<Value> dense(
            Call call, Value.Data data, boolean transposed, float alpha, float beta, float[] bias) throws Unsupported {
        OnnxTensor tensor = call.constant(1, "weights");
        float[] weights = Call.finite(tensor, "weights");
        if (tensor.shape().size() != 2) {
            throw new Unsupported("has weights of shape " + tensor.text() + ", expected two dimensions");
        }
        int in = tensor.shape().get(transposed ? 1 : 0);
        int out = tensor.shape().get(transposed ? 0 : 1);
        Axis last = data.axes().getLast();
        if (last.batch() || last.size() != in) {
            throw new Unsupported(
                    "multiplies values of shape " + data.text() + " with weights of shape " + tensor.text());
        }
        if (last.size() != data.size()) {
            throw new Unsupported("multiplies each row of values of shape " + data.text()
                    + " for itself, where a dense layer takes all values of an example");
        }
        if (bias.length != 1 && bias.length != out) {
            throw new Unsupported("has " + bias.length + " biases for " + out + " outputs");
        }
        float[] parameters = new float[call.context().budget().take((long) in * out + out)];
        int[] places = last.places();
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                parameters[o * in + places[i]] = alpha * weights[transposed ? o * in + i : i * out + o];
            }
            parameters[in * out + o] = beta * bias[bias.length == 1 ? 0 : o];
        }
        Vertex flat = Value.Data.reshaped(data.vertex(), Shape.of(in), call.name());
        Vertex vertex = flat.then(Vertex.Weighted.of(new Layer.Dense(in, out), parameters), call.name());
        List<Axis> axes = new ArrayList<>(data.axes());
        axes.set(axes.size() - 1, Axis.of(out, 1));
        return Call.one(new Value.Data(vertex, axes));
    }
}
