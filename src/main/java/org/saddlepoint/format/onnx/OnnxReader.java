package org.saddlepoint.format.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.format.Shapes;

/** Reads {@link OnnxModel}: checks names, order, and that each constant is as long as its shape says. */
final class OnnxReader {
    private final String file;
    private final OnnxTensors tensors;
    private final Set<String> values = new HashSet<>();

    private OnnxReader(Path file) {
        this.file = file.toString();
        this.tensors = new OnnxTensors(file);
    }

    static OnnxModel read(Path file) throws IOException {
        long size = Files.size(file);
        if (size > Integer.MAX_VALUE - 8) {
            throw new MalformedFileException(file + " has " + size
                    + " bytes: an ONNX file has less than 2 GB (larger weights go into external data)");
        }
        return new OnnxReader(file).model(OnnxWire.parse(file.toString(), Files.readAllBytes(file)));
    }

    private OnnxModel model(ModelProto proto) throws IOException {
        if (!proto.hasGraph() || proto.getOpsetImportCount() == 0) {
            throw bad("not an ONNX file: it has no graph, or says no version of its operators (opset_import)");
        }
        GraphProto graph = proto.getGraph();
        Map<String, OnnxTensor> constants = new LinkedHashMap<>();
        for (TensorProto tensor : graph.getInitializerList()) {
            define(tensor.getName(), "an initialiser");
            constants.put(tensor.getName(), tensors.read(tensor));
        }
        if (graph.getSparseInitializerCount() > 0) {
            throw bad("it has sparse initialisers, which are not read: store them dense");
        }
        List<OnnxModel.Input> inputs = new ArrayList<>();
        for (ValueInfoProto input : graph.getInputList()) {
            // Before IR version 4 initialisers are inputs too.
            if (!constants.containsKey(input.getName())) {
                define(input.getName(), "an input");
                inputs.add(input(input));
            }
        }
        List<OnnxNode> nodes = new ArrayList<>();
        for (NodeProto node : graph.getNodeList()) {
            nodes.add(node(node, nodes.size()));
        }
        List<String> outputs =
                graph.getOutputList().stream().map(ValueInfoProto::getName).toList();
        for (String output : outputs) {
            if (!values.contains(output)) {
                throw bad("its output " + Shapes.shown(output) + " is made by no node");
            }
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        for (StringStringEntryProto entry : proto.getMetadataPropsList()) {
            metadata.put(entry.getKey(), entry.getValue());
        }
        return new OnnxModel(opset(proto), inputs, outputs, nodes, constants, metadata);
    }

    private int opset(ModelProto proto) throws MalformedFileException {
        for (OperatorSetIdProto set : proto.getOpsetImportList()) {
            if (set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx")) {
                if (set.getVersion() < 1 || set.getVersion() > 1000) {
                    throw bad("its opset version is " + set.getVersion());
                }
                return (int) set.getVersion();
            }
        }
        throw bad("it says no version of ONNX's standard operators (opset_import)");
    }

    private void define(String name, String what) throws MalformedFileException {
        if (name.isEmpty()) {
            throw bad(what + " has no name");
        }
        if (!values.add(name)) {
            throw bad("two values are named " + Shapes.shown(name));
        }
    }

    private OnnxModel.Input input(ValueInfoProto input) throws MalformedFileException {
        TypeProto.Tensor type = input.getType().getTensorType();
        if (!input.getType().hasTensorType() || !type.hasShape()) {
            throw bad("its input " + Shapes.shown(input.getName()) + " is no tensor of a known number of dimensions");
        }
        if (type.getShape().getDimCount() > Shapes.MAX_RANK) {
            throw bad("its input " + Shapes.shown(input.getName()) + " has "
                    + type.getShape().getDimCount() + " dimensions, at most " + Shapes.MAX_RANK + " can be read");
        }
        List<Long> dimensions = new ArrayList<>();
        for (TensorShapeProto.Dimension dimension : type.getShape().getDimList()) {
            // Some exporters write an open dimension as 0 or below.
            boolean known = dimension.hasDimValue() && dimension.getDimValue() > 0;
            if (known && dimension.getDimValue() > Integer.MAX_VALUE) {
                throw bad("its input " + Shapes.shown(input.getName()) + " has a dimension of "
                        + dimension.getDimValue());
            }
            dimensions.add(known ? dimension.getDimValue() : OnnxModel.OPEN);
        }
        TensorProto.DataType element = TensorProto.DataType.forNumber(type.getElemType());
        return new OnnxModel.Input(input.getName(), String.valueOf(element), dimensions);
    }

    private OnnxNode node(NodeProto node, int position) throws IOException {
        String shown = "node " + (node.getName().isEmpty() ? position : Shapes.shown(node.getName())) + " ("
                + Shapes.shown(node.getOpType()) + ")";
        for (String input : node.getInputList()) {
            if (!input.isEmpty() && !values.contains(input)) {
                throw bad(shown + " reads " + Shapes.shown(input)
                        + ", which no initialiser, input or earlier node makes: a graph's nodes stand in order");
            }
        }
        Map<String, Object> attributes = new LinkedHashMap<>();
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attributes.put(attribute.getName(), attribute(attribute)) != null) {
                throw bad(shown + " has two attributes " + Shapes.shown(attribute.getName()));
            }
        }
        for (String output : node.getOutputList()) {
            if (!output.isEmpty()) {
                define(output, shown);
            }
        }
        String domain = node.getDomain().equals("ai.onnx") ? "" : node.getDomain();
        return new OnnxNode(
                node.getName(), domain, node.getOpType(), node.getInputList(), node.getOutputList(), attributes);
    }

    private Object attribute(AttributeProto attribute) throws IOException {
        return switch (attribute.getType()) {
            case INT -> attribute.getI();
            case FLOAT -> attribute.getF();
            case STRING -> attribute.getS().toStringUtf8();
            case INTS -> List.copyOf(attribute.getIntsList());
            case FLOATS -> List.copyOf(attribute.getFloatsList());
            case STRINGS ->
                attribute.getStringsList().stream().map(s -> s.toStringUtf8()).toList();
            case TENSOR -> tensors.read(attribute.getT());
            default -> OnnxNode.OTHER;
        };
    }

    private MalformedFileException bad(String what) {
        return new MalformedFileException(file + ": " + what);
    }
}
