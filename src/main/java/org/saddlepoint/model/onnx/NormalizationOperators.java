package org.saddlepoint.model.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.saddlepoint.model.BatchNorm;
import org.saddlepoint.model.LayerNorm;
import org.saddlepoint.model.onnx.Call.Operator;
import org.saddlepoint.model.onnx.Vertex.Weighted;

/** Batch and layer normalisation. */
final class NormalizationOperators {
    private NormalizationOperators() {}

    static Map<String, Operator> table() {
        Map<String, Operator> table = new HashMap<>();
        table.put("BatchNormalization", NormalizationOperators::batch);
        table.put("LayerNormalization", NormalizationOperators::layer);
        return table;
    }

    private static List<Value> batch(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        if (call.node().integer("training_mode", 0) != 0 || call.node().integer("spatial", 1) != 1) {
            throw new Unsupported(
                    "is in training mode, or normalises each pixel for itself: export the model for inference");
        }
        if (data.batchAxis() != 0) {
            throw new Unsupported("takes values of shape " + data.text() + ", expected the batch first");
        }
        Vertex input = data.inShape(call.name());
        int channels = input.shape().dimensions().getFirst();
        float epsilon = call.node().number("epsilon", 1e-5f);
        float momentum = call.node().number("momentum", 0.9f);
        float[] variance = call.weights(4, "variances", channels);
        for (float value : variance) {
            if (value < 0) {
                throw new Unsupported("has the variance " + value);
            }
        }
        // ONNX's momentum is the share of the old statistics, ours that of the new.
        Weighted norm = new Weighted(
                new BatchNorm(channels, epsilon, 1 - momentum),
                Sequences.concatenated(
                        List.of(call.weights(1, "scales", channels), call.weights(2, "biases", channels))),
                Sequences.concatenated(List.of(call.weights(3, "means", channels), variance)));
        return Call.one(data.on(input.then(norm, call.name())));
    }

    private static List<Value> layer(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        int axis = Call.axis(call.node().integer("axis", -1), data.rank());
        if (axis <= data.batchAxis()) {
            throw new Unsupported("normalises over the batch");
        }
        Vertex input = data.inShape(call.name());
        List<Integer> all = input.shape().dimensions();
        LayerNorm norm =
                new LayerNorm(all.subList(axis - 1, all.size()), call.node().number("epsilon", 1e-5f));
        int count = norm.tensors().getFirst().size();
        float[] bias = call.has(2)
                ? call.weights(2, "biases", count)
                : new float[call.context().budget().take(count)];
        float[] parameters = Sequences.concatenated(List.of(call.weights(1, "scales", count), bias));
        return Call.one(data.on(input.then(Weighted.of(norm, parameters), call.name())));
    }
}
