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
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.saddlepoint.format.AtomicFiles;

/** Writes {@link OnnxModel}; values of one type each, float32 or int64, as raw data. */
final class OnnxWriter {
    /** The version of the schema that opset 17 came with; 19 needs 9. */
    private static final long IR_VERSION = 9;

    private OnnxWriter() {}

    static void write(OnnxModel model, Path file) throws IOException {
        long bytes = model.constants().values().stream()
                .mapToLong(tensor -> 8L * tensor.size())
                .sum();
        if (bytes / 2 > Integer.MAX_VALUE - (1 << 20)) {
            throw new IOException("cannot write " + file
                    + ": an ONNX file holds less than 2 GB, this model's weights have " + bytes / 2 + " bytes");
        }
        ModelProto proto = model(model);
        AtomicFiles.write(file, proto::writeTo);
    }

    private static ModelProto model(OnnxModel model) {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("saddlepoint");
        for (OnnxModel.Input input : model.inputs()) {
            graph.addInput(value(input.name(), input.dimensions()));
        }
        for (String output : model.outputs()) {
            graph.addOutput(value(output, List.of(OnnxModel.OPEN, OnnxModel.OPEN)));
        }
        model.nodes().forEach(node -> graph.addNode(node(node)));
        model.constants().forEach((name, tensor) -> graph.addInitializer(tensor(name, tensor)));
        ModelProto.Builder proto = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("saddlepoint")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(model.opset()))
                .setGraph(graph);
        model.metadata()
                .forEach((key, value) -> proto.addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        return proto.build();
    }

    private static ValueInfoProto value(String name, List<Long> dimensions) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (int i = 0; i < dimensions.size(); i++) {
            TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
            if (dimensions.get(i) == OnnxModel.OPEN) {
                dimension.setDimParam(i == 0 ? "batch" : name + "_" + i);
            } else {
                dimension.setDimValue(dimensions.get(i));
            }
            shape.addDim(dimension);
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT_VALUE)
                                .setShape(shape)))
                .build();
    }

    private static NodeProto node(OnnxNode node) {
        NodeProto.Builder proto = NodeProto.newBuilder()
                .setName(node.name())
                .setOpType(node.operator())
                .addAllInput(node.inputs())
                .addAllOutput(node.outputs());
        for (Map.Entry<String, Object> entry : new TreeMap<>(node.attributes()).entrySet()) {
            proto.addAttribute(attribute(entry.getKey(), entry.getValue()));
        }
        return proto.build();
    }

    private static AttributeProto attribute(String name, Object value) {
        AttributeProto.Builder proto = AttributeProto.newBuilder().setName(name);
        switch (value) {
            case Long integer -> proto.setType(AttributeProto.AttributeType.INT).setI(integer);
            case Float number ->
                proto.setType(AttributeProto.AttributeType.FLOAT).setF(number);
            case String text ->
                proto.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(text));
            case List<?> list -> {
                boolean texts = list.stream().allMatch(String.class::isInstance);
                proto.setType(texts ? AttributeProto.AttributeType.STRINGS : AttributeProto.AttributeType.INTS);
                for (Object element : list) {
                    if (texts) {
                        proto.addStrings(ByteString.copyFromUtf8((String) element));
                    } else {
                        proto.addInts((Long) element);
                    }
                }
            }
            default -> throw new IllegalArgumentException("attribute " + name + " cannot be written: " + value);
        }
        return proto.build();
    }

    private static TensorProto tensor(String name, OnnxTensor tensor) {
        TensorProto.Builder proto = TensorProto.newBuilder().setName(name);
        tensor.shape().forEach(size -> proto.addDims(size));
        ByteBuffer bytes = ByteBuffer.allocate(tensor.size() * (tensor.isInteger() ? Long.BYTES : Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        if (tensor.isInteger()) {
            bytes.asLongBuffer().put(tensor.integers());
        } else {
            bytes.asFloatBuffer().put(tensor.floats());
        }
        return proto.setDataType(
                        tensor.isInteger() ? TensorProto.DataType.INT64_VALUE : TensorProto.DataType.FLOAT_VALUE)
                .setRawData(UnsafeByteOperations.unsafeWrap(bytes))
                .build();
    }
}
