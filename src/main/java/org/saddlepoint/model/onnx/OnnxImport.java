package org.saddlepoint.model.onnx;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.format.Shapes;
import org.saddlepoint.format.onnx.OnnxModel;
import org.saddlepoint.format.onnx.OnnxNode;
import org.saddlepoint.format.onnx.OnnxTensor;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.ModelFiles;
import org.saddlepoint.model.Reshape;
import org.saddlepoint.model.Shape;

/** Goes over a graph's nodes in order and makes a model of them, or finds all reasons why not. */
final class OnnxImport {
    private static final Logger LOG = Logger.getLogger("org.saddlepoint.model.onnx");

    /** Operators up to this version mean what they mean here. */
    private static final int NEWEST_OPSET = 21;

    private static final int OLDEST_OPSET = 7;
    private static final int MAX_NODES = 50_000;

    private static final Map<String, Call.Operator> OF_CONSTANTS = ConstantOperators.table();
    private static final Map<String, Call.Operator> OF_MOMENTS = MomentOperators.table();
    private static final Map<String, Call.Operator> OF_DATA = new HashMap<>();

    static {
        List.of(
                        ViewOperators.table(),
                        ElementOperators.table(),
                        DenseOperators.table(),
                        ImageOperators.table(),
                        NormalizationOperators.table(),
                        RecurrentOperators.table())
                .forEach(OF_DATA::putAll);
    }

    private final OnnxModel onnx;
    private final Call.Context context;
    private final boolean channelsLast;
    private final Map<String, Value> values = new HashMap<>();
    private final List<String> problems = new ArrayList<>();
    private boolean softmaxRemoved;

    private OnnxImport(OnnxModel onnx, boolean channelsLast) {
        this.onnx = onnx;
        this.channelsLast = channelsLast;
        long count =
                onnx.constants().values().stream().mapToLong(OnnxTensor::size).sum();
        long batch = onnx.inputs().size() == 1 ? batch(onnx.inputs().getFirst()) : OnnxModel.OPEN;
        this.context = new Call.Context(onnx.opset(), batch, new Call.Budget(5 * count + (1 << 18)));
    }

    /**
     * Makes a model of a graph. An input that looks like images of height x width x channels is taken as channels x height
     * x width, unless the graph makes sense in its own order alone.
     */
    static ModelFiles.Contents of(OnnxModel onnx, Path file) throws UnsupportedModelException {
        boolean channelsLast =
                onnx.inputs().size() == 1 && looksChannelsLast(onnx.inputs().getFirst());
        OnnxImport first = new OnnxImport(onnx, channelsLast);
        ModelFiles.@Nullable Contents contents = first.run(file);
        if (contents == null && channelsLast) {
            contents = new OnnxImport(onnx, false).run(file);
        }
        if (contents == null) {
            throw new UnsupportedModelException(file, first.problems);
        }
        return contents;
    }

    private static long batch(OnnxModel.Input input) {
        return input.dimensions().isEmpty()
                ? OnnxModel.OPEN
                : input.dimensions().get(batchAxis(input));
    }

    /** The open dimension; the first where none is open, or several. */
    private static int batchAxis(OnnxModel.Input input) {
        int open = input.dimensions().indexOf(OnnxModel.OPEN);
        return Math.max(open, 0);
    }

    private static boolean looksChannelsLast(OnnxModel.Input input) {
        List<Long> sizes = input.dimensions();
        return sizes.size() == 4 && sizes.get(3) <= 4 && sizes.get(1) > 4;
    }

    private ModelFiles.@Nullable Contents run(Path file) {
        Vertex end = null;
        try {
            requireReadable();
            onnx.constants().forEach((name, tensor) -> values.put(name, new Value.Constant(tensor)));
            OnnxModel.Input input = onnx.inputs().getFirst();
            values.put(input.name(), input(input));
            onnx.nodes().forEach(this::apply);
            if (problems.isEmpty()) {
                end = end();
                List<Vertex.Weighted> layers = Sequences.to(end);
                Shape shape = input(input).vertex().shape();
                Model model = new Model(
                        shape, layers.stream().map(Vertex.Weighted::layer).toList());
                float[] parameters =
                        Sequences.concatenated(List.of(Sequences.parameters(layers), Sequences.statistics(layers)));
                if (softmaxRemoved) {
                    LOG.info(file + ": the softmax at its end is left out, as attacks need logits");
                }
                if (channelsLast) {
                    LOG.info(file + ": its input of " + text(input) + " is taken as " + shape
                            + " (channels, height, width)");
                }
                return new ModelFiles.Contents(model, parameters, onnx.metadata());
            }
        } catch (Unsupported | IllegalArgumentException | ArithmeticException e) {
            problems.add(line(e));
        }
        return null;
    }

    /** In one line, whatever of the file is in it. */
    private static String line(Exception e) {
        String text = String.valueOf(e.getMessage());
        String head = text.length() <= 300 ? text : text.substring(0, 297) + "...";
        return head.replaceAll("\\p{Cntrl}", "?");
    }

    private static String text(OnnxModel.Input input) {
        return input.dimensions().stream()
                .map(size -> size == OnnxModel.OPEN ? "batch" : String.valueOf(size))
                .collect(Collectors.joining("x"));
    }

    private void requireReadable() throws Unsupported {
        if (onnx.opset() < OLDEST_OPSET || onnx.opset() > NEWEST_OPSET) {
            throw new Unsupported("its operators are those of opset " + onnx.opset() + ", can read " + OLDEST_OPSET
                    + " to " + NEWEST_OPSET);
        }
        if (onnx.inputs().size() != 1) {
            throw new Unsupported("it has " + onnx.inputs().size() + " inputs, expected one");
        }
        if (onnx.nodes().size() > MAX_NODES) {
            throw new Unsupported("it has " + onnx.nodes().size() + " nodes, at most " + MAX_NODES + " can be taken");
        }
    }

    private Value.Data input(OnnxModel.Input input) throws Unsupported {
        List<Long> sizes = new ArrayList<>(input.dimensions());
        String shown = "its input " + Shapes.shown(input.name());
        if (!input.type().equals("FLOAT")) {
            throw new Unsupported(shown + " is of type " + input.type() + ", expected FLOAT (float32)");
        }
        if (sizes.size() < 2) {
            throw new Unsupported(shown + " has " + sizes.size() + " dimensions, expected a batch of examples");
        }
        int batchAt = batchAxis(input);
        sizes.remove(batchAt);
        if (sizes.contains(OnnxModel.OPEN)) {
            throw new Unsupported(shown + " of " + text(input)
                    + " leaves more dimensions open than the batch: export the model for one size of input");
        }
        if (channelsLast) {
            Shape shape = shape(List.of(sizes.get(2), sizes.get(0), sizes.get(1)));
            List<Axis> own = Value.Data.axes(shape, 0);
            return new Value.Data(Vertex.source(shape), List.of(own.get(0), own.get(2), own.get(3), own.get(1)));
        }
        Vertex source = Vertex.source(shape(sizes));
        return new Value.Data(source, Value.Data.axes(source.shape(), batchAt));
    }

    private static Shape shape(List<Long> sizes) {
        return new Shape(sizes.stream().map(Math::toIntExact).toList());
    }

    private void apply(OnnxNode node) {
        List<Value> outputs = List.of();
        Call call = new Call(node, inputs(node), context);
        try {
            outputs = applied(call);
        } catch (Unsupported | IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
            problems.add(call.name() + " " + line(e));
        }
        for (int i = 0; i < node.outputs().size(); i++) {
            Value value = i < outputs.size() ? outputs.get(i) : new Value.Missing(null);
            values.put(node.outputs().get(i), value);
        }
    }

    private List<@Nullable Value> inputs(OnnxNode node) {
        List<@Nullable Value> inputs = new ArrayList<>();
        for (String input : node.inputs()) {
            inputs.add(input.isEmpty() ? null : values.getOrDefault(input, new Value.Missing(null)));
        }
        return inputs;
    }

    private static boolean isKnown(String operator) {
        return OF_DATA.containsKey(operator) || OF_CONSTANTS.containsKey(operator) || OF_MOMENTS.containsKey(operator);
    }

    private List<Value> applied(Call call) throws Unsupported {
        String operator = call.node().operator();
        if (!call.node().domain().isEmpty() || !isKnown(operator)) {
            throw new Unsupported("is not supported");
        }
        boolean hasData = false;
        boolean hasMoment = false;
        for (Value value : call.inputs()) {
            if (value instanceof Value.Missing missing) {
                if (missing.reason() != null) {
                    throw new Unsupported(missing.reason());
                }
                return List.of(); // said where it was made
            }
            hasData |= value instanceof Value.Data;
            hasMoment |= value instanceof Value.Moment;
        }
        Call.Operator found = (hasMoment ? OF_MOMENTS : hasData ? OF_DATA : OF_CONSTANTS).get(operator);
        if (found == null) {
            throw new Unsupported(
                    hasMoment
                            ? "takes a mean of part of an example's values, and is no part of a layer normalisation"
                            : hasData ? "takes values that depend on the network's input" : "takes constants alone");
        }
        return found.apply(call);
    }

    /** The logits' vertex, as a vector. */
    private Vertex end() throws Unsupported {
        if (onnx.outputs().size() != 1) {
            throw new Unsupported("it has " + onnx.outputs().size() + " outputs ("
                    + onnx.outputs().stream().limit(5).map(Shapes::shown).collect(Collectors.joining(", "))
                    + "), expected one: the logits");
        }
        Value value = values.get(onnx.outputs().getFirst());
        if (!(value instanceof Value.Data data)) {
            throw new Unsupported("its output does not depend on its input");
        }
        Vertex end = data.inShape("output");
        if (end.shape().dimensions().size() > 1) {
            end = Value.Data.reshaped(end, Shape.of(end.shape().size()), "output");
        }
        while (isSoftmax(end)) {
            softmaxRemoved = true;
            end = end.input();
        }
        if (isView(end) && isSoftmax(end.input())) {
            softmaxRemoved = true;
            end = Value.Data.reshaped(end.input().input(), end.shape(), "output");
        }
        return end;
    }

    private static boolean isSoftmax(Vertex vertex) {
        return vertex.step() instanceof Vertex.Softmax;
    }

    private static boolean isView(Vertex vertex) {
        return vertex.step() instanceof Vertex.Weighted weighted
                && (weighted.layer() instanceof Layer.Flatten || weighted.layer() instanceof Reshape);
    }
}
