package org.saddlepoint.model.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Recurrence;
import org.saddlepoint.device.Window;
import org.saddlepoint.format.onnx.OnnxModel;
import org.saddlepoint.format.onnx.OnnxNode;
import org.saddlepoint.format.onnx.OnnxTensor;
import org.saddlepoint.model.BatchNorm;
import org.saddlepoint.model.Branches;
import org.saddlepoint.model.Conv2d;
import org.saddlepoint.model.Dropout;
import org.saddlepoint.model.GlobalAveragePool;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.LayerNorm;
import org.saddlepoint.model.ModelFiles;
import org.saddlepoint.model.Pool2d;
import org.saddlepoint.model.Recurrent;
import org.saddlepoint.model.Reshape;
import org.saddlepoint.model.Scale;
import org.saddlepoint.model.Shape;
import org.saddlepoint.model.TensorSpec;

/** A model as a graph: for each layer the operators that compute it for inference, weights named as the model names them. */
final class OnnxExport {
    private static final int OPSET = 17;

    /** Average pooling knows dilation from here on. */
    private static final int OPSET_OF_DILATED_MEANS = 19;

    private static final String INPUT = "x";
    private static final String OUTPUT = "logits";

    private final List<OnnxNode> nodes = new ArrayList<>();
    private final Map<String, OnnxTensor> constants = new LinkedHashMap<>();
    private final float[] parameters;
    private int nextParameter;
    private int nextStatistic;
    private int opset = OPSET;

    private OnnxExport(ModelFiles.Contents contents) {
        this.parameters = contents.parameters();
        this.nextStatistic = Math.toIntExact(contents.model().parameterCount());
    }

    static OnnxModel of(ModelFiles.Contents contents) {
        OnnxExport export = new OnnxExport(contents);
        Shape input = contents.model().input();
        String end = export.sequence("", contents.model().layers(), INPUT, input);
        export.nodes.add(OnnxNode.of("Flatten", List.of(end), OUTPUT, Map.of("axis", 1L)));
        List<Long> sizes = new ArrayList<>(List.of(OnnxModel.OPEN));
        input.dimensions().forEach(size -> sizes.add((long) size));
        Map<String, String> metadata = new LinkedHashMap<>(contents.metadata());
        metadata.remove(ModelFiles.ARCHITECTURE); // the graph says it
        return new OnnxModel(
                export.opset,
                List.of(new OnnxModel.Input(INPUT, "FLOAT", sizes)),
                List.of(OUTPUT),
                export.nodes,
                export.constants,
                metadata);
    }

    private String sequence(String prefix, List<Layer> layers, String from, Shape input) {
        String value = from;
        Shape shape = input;
        for (int i = 0; i < layers.size(); i++) {
            value = layer(prefix + i, layers.get(i), value, shape);
            shape = layers.get(i).output(shape);
        }
        return value;
    }

    /** Adds a layer; returns the name of its output. */
    private String layer(String name, Layer layer, String x, Shape shape) {
        return switch (layer) {
            case Layer.Dense dense -> dense(name, dense, x, shape);
            case Layer.Nonlinearity nonlinearity -> activation(name, nonlinearity.function(), x);
            case Layer.Flatten flatten -> node("Flatten", name, Map.of("axis", 1L), x);
            case Layer.Normalize normalize -> {
                String centred =
                        node("Sub", name + ".centred", Map.of(), x, channels(name + ".mean", normalize.mean(), shape));
                yield node("Div", name, Map.of(), centred, channels(name + ".std", normalize.std(), shape));
            }
            case Scale scale -> {
                String scaled =
                        node("Mul", name + ".scaled", Map.of(), x, channels(name + ".scale", scale.scale(), shape));
                yield node("Add", name, Map.of(), scaled, channels(name + ".shift", scale.shift(), shape));
            }
            case Reshape reshape -> node("Reshape", name, Map.of(), x, sizes(name + ".shape", reshape.shape()));
            case Conv2d convolution -> convolution(name, convolution, x);
            case Pool2d pool -> pool(name, pool, x);
            case GlobalAveragePool pool ->
                node("Flatten", name, Map.of("axis", 1L), node("GlobalAveragePool", name + ".mean", Map.of(), x));
            case BatchNorm norm -> batchNorm(name, norm, x);
            case LayerNorm norm -> layerNorm(name, norm, x);
            case Dropout dropout -> {
                constants.put(name + ".ratio", OnnxTensor.of(new int[0], new float[] {dropout.probability()}));
                yield node("Dropout", name, Map.of(), x, name + ".ratio");
            }
            case Branches branches -> branches(name, branches, x, shape);
            case Recurrent recurrent -> recurrent(name, recurrent, x);
        };
    }

    private String node(String operator, String output, Map<String, Object> attributes, String... inputs) {
        nodes.add(OnnxNode.of(operator, Arrays.asList(inputs), output, attributes));
        return output;
    }

    /** The next trainable tensor of the model. */
    private String tensor(String layer, TensorSpec spec) {
        String name = layer + "." + spec.name();
        int[] shape = spec.shape().stream().mapToInt(Integer::intValue).toArray();
        constants.put(name, OnnxTensor.of(shape, next(spec.size())));
        return name;
    }

    private float[] next(int count) {
        nextParameter += count;
        return Arrays.copyOfRange(parameters, nextParameter - count, nextParameter);
    }

    private String statistic(String layer, TensorSpec spec) {
        String name = layer + "." + spec.name();
        float[] values = Arrays.copyOfRange(parameters, nextStatistic, nextStatistic + spec.size());
        nextStatistic += spec.size();
        constants.put(name, OnnxTensor.of(new int[] {spec.size()}, values));
        return name;
    }

    /** One value, or one a channel in a shape that broadcasts over the rest. */
    private String channels(String name, List<Float> values, Shape shape) {
        float[] all = new float[values.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = values.get(i);
        }
        int[] sizes = new int[all.length == 1 ? 0 : shape.dimensions().size()];
        Arrays.fill(sizes, 1);
        if (sizes.length > 0) {
            sizes[0] = all.length;
        }
        constants.put(name, OnnxTensor.of(sizes, all));
        return name;
    }

    private String sizes(String name, Shape shape) {
        long[] sizes = new long[shape.dimensions().size() + 1];
        sizes[0] = -1;
        for (int i = 1; i < sizes.length; i++) {
            sizes[i] = shape.dimensions().get(i - 1);
        }
        constants.put(name, OnnxTensor.of(new int[] {sizes.length}, sizes));
        return name;
    }

    private String dense(String name, Layer.Dense dense, String x, Shape shape) {
        String flat = shape.dimensions().size() == 1 ? x : node("Flatten", name + ".flat", Map.of("axis", 1L), x);
        String weight = tensor(name, dense.tensors().get(0));
        String bias = tensor(name, dense.tensors().get(1));
        return node("Gemm", name, Map.of("transB", 1L), flat, weight, bias);
    }

    private String activation(String name, Activation function, String x) {
        return switch (function.kind()) {
            case IDENTITY -> node("Identity", name, Map.of(), x);
            case RELU -> node("Relu", name, Map.of(), x);
            case LEAKY_RELU -> node("LeakyRelu", name, Map.of("alpha", function.slope()), x);
            case TANH -> node("Tanh", name, Map.of(), x);
            case SIGMOID -> node("Sigmoid", name, Map.of(), x);
            case CLIPPED_RELU -> {
                constants.put(name + ".min", OnnxTensor.of(new int[0], new float[] {0}));
                constants.put(name + ".max", OnnxTensor.of(new int[0], new float[] {function.slope()}));
                yield node("Clip", name, Map.of(), x, name + ".min", name + ".max");
            }
        };
    }

    private static Map<String, Object> attributes(Window window) {
        return new LinkedHashMap<>(Map.of(
                "kernel_shape", List.of((long) window.height(), (long) window.width()),
                "strides", List.of((long) window.strideY(), (long) window.strideX()),
                "pads",
                        List.of((long) window.top(), (long) window.left(), (long) window.bottom(), (long)
                                window.right())));
    }

    private static List<Long> dilations(Window window) {
        return List.of((long) window.dilationY(), (long) window.dilationX());
    }

    private String convolution(String name, Conv2d convolution, String x) {
        Map<String, Object> attributes = attributes(convolution.window());
        attributes.put("dilations", dilations(convolution.window()));
        attributes.put("group", (long) convolution.groups());
        List<String> inputs = new ArrayList<>(List.of(x));
        convolution.tensors().forEach(spec -> inputs.add(tensor(name, spec)));
        return node("Conv", name, attributes, inputs.toArray(String[]::new));
    }

    private String pool(String name, Pool2d pool, String x) {
        Map<String, Object> attributes = attributes(pool.window());
        boolean dilated = pool.window().dilationY() > 1 || pool.window().dilationX() > 1;
        if (dilated) {
            attributes.put("dilations", dilations(pool.window()));
        }
        if (pool.kind() == Pool2d.Kind.MAX) {
            return node("MaxPool", name, attributes, x);
        }
        opset = dilated ? OPSET_OF_DILATED_MEANS : opset;
        attributes.put("count_include_pad", pool.countPadding() ? 1L : 0L);
        return node("AveragePool", name, attributes, x);
    }

    private String batchNorm(String name, BatchNorm norm, String x) {
        String weight = tensor(name, norm.tensors().get(0));
        String bias = tensor(name, norm.tensors().get(1));
        String mean = statistic(name, norm.statistics().get(0));
        String variance = statistic(name, norm.statistics().get(1));
        Map<String, Object> attributes = Map.of("epsilon", norm.epsilon(), "momentum", 1 - norm.momentum());
        return node("BatchNormalization", name, attributes, x, weight, bias, mean, variance);
    }

    private String layerNorm(String name, LayerNorm norm, String x) {
        String weight = tensor(name, norm.tensors().get(0));
        String bias = tensor(name, norm.tensors().get(1));
        Map<String, Object> attributes = Map.of("axis", (long) -norm.shape().size(), "epsilon", norm.epsilon());
        return node("LayerNormalization", name, attributes, x, weight, bias);
    }

    private String branches(String name, Branches branches, String x, Shape shape) {
        List<String> outputs = new ArrayList<>();
        for (int b = 0; b < branches.branches().size(); b++) {
            outputs.add(sequence(name + "." + b + ".", branches.branches().get(b), x, shape));
        }
        return branches.join() == Branches.Join.ADD
                ? node("Sum", name, Map.of(), outputs.toArray(String[]::new))
                : node("Concat", name, Map.of("axis", 1L), outputs.toArray(String[]::new));
    }

    /** For each of ONNX's gates its place among ours: i o f c of i f g o, z r h of r z n. */
    private static int[] order(Recurrence.Kind kind) {
        return switch (kind) {
            case RNN_TANH, RNN_RELU -> new int[] {0};
            case LSTM -> new int[] {0, 3, 1, 2};
            case GRU -> new int[] {1, 0, 2};
        };
    }

    private String recurrent(String name, Recurrent recurrent, String x) {
        int rows = recurrent.kind().gates() * recurrent.hidden();
        float[] weight = reordered(recurrent, next(rows * recurrent.in()));
        float[] recurrence = reordered(recurrent, next(rows * recurrent.hidden()));
        float[] biases =
                Sequences.concatenated(List.of(reordered(recurrent, next(rows)), reordered(recurrent, next(rows))));
        constants.put(name + ".weight_ih", OnnxTensor.of(new int[] {1, rows, recurrent.in()}, weight));
        constants.put(name + ".weight_hh", OnnxTensor.of(new int[] {1, rows, recurrent.hidden()}, recurrence));
        constants.put(name + ".bias", OnnxTensor.of(new int[] {1, 2 * rows}, biases));
        String stepsFirst = node("Transpose", name + ".steps_first", Map.of("perm", List.of(1L, 0L, 2L)), x);
        Map<String, Object> attributes = new LinkedHashMap<>(Map.of("hidden_size", (long) recurrent.hidden()));
        String operator = switch (recurrent.kind()) {
            case RNN_TANH -> "RNN";
            case RNN_RELU -> {
                attributes.put("activations", List.of("Relu"));
                yield "RNN";
            }
            case LSTM -> "LSTM";
            case GRU -> {
                attributes.put("linear_before_reset", 1L);
                yield "GRU";
            }
        };
        String states = name + ".states";
        // Its outputs are all states, steps x 1 x batch x hidden, and the last, 1 x batch x hidden.
        nodes.add(new OnnxNode(
                states,
                "",
                operator,
                List.of(stepsFirst, name + ".weight_ih", name + ".weight_hh", name + ".bias"),
                recurrent.sequence() ? List.of(states) : List.of("", states),
                attributes));
        String axis = name + ".directions";
        constants.put(axis, OnnxTensor.of(new int[] {1}, new long[] {recurrent.sequence() ? 1 : 0}));
        String squeezed = node("Squeeze", recurrent.sequence() ? name + ".squeezed" : name, Map.of(), states, axis);
        return recurrent.sequence() ? node("Transpose", name, Map.of("perm", List.of(1L, 0L, 2L)), squeezed) : squeezed;
    }

    /** The gates' blocks in ONNX's order. */
    private static float[] reordered(Recurrent recurrent, float[] values) {
        int[] order = order(recurrent.kind());
        int block = values.length / order.length;
        float[] all = new float[values.length];
        for (int gate = 0; gate < order.length; gate++) {
            System.arraycopy(values, order[gate] * block, all, gate * block, block);
        }
        return all;
    }
}
