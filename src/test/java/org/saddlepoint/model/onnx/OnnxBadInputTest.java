package org.saddlepoint.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.format.MalformedFileException;

/** Files that are no model of ours: one line, or one for each reason. */
class OnnxBadInputTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private Path write(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("model.onnx"), bytes);
    }

    static Stream<Arguments> malformed() {
        GraphProto.Builder dense = Graphs.dense();
        TensorProto w = dense.getInitializer(0);
        return Stream.of(
                bad("no graph", ModelProto.newBuilder().setIrVersion(8).build(), "it has no graph"),
                bad(
                        "no version",
                        Graphs.model(dense).toBuilder().clearOpsetImport().build(),
                        "says no version of its operators"),
                bad(
                        "operators of others alone",
                        Graphs.model(dense).toBuilder()
                                .setOpsetImport(
                                        0,
                                        Graphs.model(dense).getOpsetImport(0).toBuilder()
                                                .setDomain("com.x"))
                                .build(),
                        "no version of ONNX's standard operators"),
                bad(
                        "missing initialiser",
                        Graphs.model(dense.clone().clearInitializer()),
                        "node the-MatMul (MatMul) reads w, which no initialiser, input or earlier node makes"),
                bad(
                        "cycle",
                        Graphs.model(dense.clone()
                                .setNode(0, Graphs.node("Add", "x b", "a"))
                                .addNode(Graphs.node("Add", "a w", "b"))),
                        "reads b, which no initialiser, input or earlier node makes"),
                bad("two of one name", Graphs.model(dense.clone().addInitializer(w)), "two values are named w"),
                bad(
                        "value made twice",
                        Graphs.model(dense.clone().addNode(Graphs.node("Relu", "x", "y"))),
                        "two values are named y"),
                bad(
                        "output of nothing",
                        Graphs.model(dense.clone().setOutput(0, Graphs.value("z", -1, 2))),
                        "its output z"),
                bad(
                        "shape and values differ",
                        Graphs.model(
                                dense.clone().setInitializer(0, w.toBuilder().setDims(0, 3))),
                        "tensor w of shape 3x2 and type FLOAT holds 4 values"),
                bad(
                        "raw values too short",
                        Graphs.model(dense.clone()
                                .setInitializer(
                                        0,
                                        w.toBuilder()
                                                .clearFloatData()
                                                .setRawData(com.google.protobuf.ByteString.copyFrom(new byte[15])))),
                        "needs 16 bytes, it has 15"),
                bad(
                        "negative dimension",
                        Graphs.model(
                                dense.clone().setInitializer(0, w.toBuilder().setDims(0, -2))),
                        "tensor w has the dimension -2"),
                bad(
                        "absurd dimensions",
                        Graphs.model(dense.clone()
                                .setInitializer(
                                        0, w.toBuilder().setDims(0, 1 << 20).setDims(1, 1 << 20))),
                        "has more than 2147483647 values"),
                bad(
                        "absurd dimension",
                        Graphs.model(
                                dense.clone().setInitializer(0, w.toBuilder().setDims(0, 1L << 40))),
                        "has the dimension 1099511627776"),
                bad(
                        "more dimensions than make sense",
                        Graphs.model(dense.clone()
                                .setInitializer(0, w.toBuilder().addAllDims(java.util.Collections.nCopies(40, 1L)))),
                        "has 42 dimensions, at most 16"),
                bad(
                        "texts",
                        Graphs.model(dense.clone()
                                .setInitializer(0, w.toBuilder().setDataType(TensorProto.DataType.STRING_VALUE))),
                        "has values of type STRING"),
                bad(
                        "unknown type",
                        Graphs.model(
                                dense.clone().setInitializer(0, w.toBuilder().setDataType(99))),
                        "has values of type 99"),
                bad(
                        "two attributes of one name",
                        Graphs.model(dense.clone()
                                .setNode(
                                        0,
                                        Graphs.node("Gemm", "x w", "y")
                                                .addAttribute(Graphs.attribute("transB", 1L))
                                                .addAttribute(Graphs.attribute("transB", 0L)))),
                        "two attributes transB"));
    }

    private static Arguments bad(String what, ModelProto model, String message) {
        return Arguments.of(what, model, message);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void malformed(String what, ModelProto model, String message) throws IOException {
        Path file = write(model.toByteArray());
        assertThatThrownBy(() -> Models.readOnnx(file))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message)
                .extracting(e -> String.valueOf(e.getMessage()).lines().count())
                .isEqualTo(1L);
    }

    static Stream<Arguments> unsupported() {
        GraphProto.Builder dense = Graphs.dense();
        GraphProto.Builder image = GraphProto.newBuilder()
                .setName("image")
                .addInput(Graphs.value("x", -1, 1, 4, 4))
                .addOutput(Graphs.value("y", -1, 1))
                .addInitializer(Graphs.floats("w", new long[] {1, 1, 2, 2}, 1, 2, 3, 4));
        return Stream.of(
                bad("old operators", Graphs.model(dense, 6), "its operators are those of opset 6, can read 7 to 21"),
                bad("new operators", Graphs.model(dense, 22), "its operators are those of opset 22"),
                bad(
                        "two inputs",
                        Graphs.model(dense.clone().addInput(Graphs.value("z", -1, 2))),
                        "it has 2 inputs, expected one"),
                bad(
                        "two outputs",
                        Graphs.model(dense.clone()
                                .addNode(Graphs.node("Relu", "y", "z"))
                                .addOutput(Graphs.value("z", -1, 2))),
                        "it has 2 outputs (y, z), expected one"),
                bad(
                        "open sizes",
                        Graphs.model(dense.clone().setInput(0, Graphs.value("x", -1, -1))),
                        "leaves more dimensions open than the batch"),
                bad(
                        "no batch",
                        Graphs.model(dense.clone().setInput(0, Graphs.value("x", 2))),
                        "has 1 dimensions, expected a batch"),
                bad(
                        "input of integers",
                        Graphs.model(dense.clone().setInput(0, integers())),
                        "its input x is of type INT64, expected FLOAT"),
                bad(
                        "output without input",
                        Graphs.model(dense.clone().setNode(0, Graphs.node("Identity", "w", "y"))),
                        "its output does not depend on its input"),
                bad(
                        "weights that are not finite",
                        Graphs.model(dense.clone()
                                .setInitializer(0, Graphs.floats("w", new long[] {2, 2}, 1, 2, Float.NaN, 4))),
                        "node the-MatMul (MatMul) has weights among which is the value NaN"),
                bad(
                        "weights that do not fit",
                        Graphs.model(dense.clone()
                                .setInitializer(0, Graphs.floats("w", new long[] {1, 4}, 1, 2, 3, 4))),
                        "multiplies values of shape batchx2 with weights of shape 1x4"),
                bad(
                        "operators of others",
                        Graphs.model(dense.clone()
                                .setNode(0, Graphs.node("Fast", "x w", "y").setDomain("com.x"))),
                        "node the-Fast (com.x.Fast) is not supported"),
                bad(
                        "two of one input",
                        Graphs.model(dense.clone().setNode(0, Graphs.node("Mul", "x x", "y"))),
                        "multiplies values that both depend on the network's input"),
                bad(
                        "mean in ceil mode",
                        Graphs.model(image.clone()
                                .addNode(Graphs.node("AveragePool", "x", "y")
                                        .addAttribute(Graphs.attribute("kernel_shape", 3, 3))
                                        .addAttribute(Graphs.attribute("strides", 2, 2))
                                        .addAttribute(Graphs.attribute("count_include_pad", 1L))
                                        .addAttribute(Graphs.attribute("ceil_mode", 1L)))),
                        "node the-AveragePool (AveragePool) has ceil_mode 1 where it makes a difference"),
                bad(
                        "kernel that does not fit",
                        Graphs.model(image.clone()
                                .addNode(Graphs.node("MaxPool", "x", "y")
                                        .addAttribute(Graphs.attribute("kernel_shape", 5, 5)))),
                        "does not fit into an input of shape 1x4x4"),
                bad(
                        "convolution in one dimension",
                        Graphs.model(image.clone()
                                .addNode(Graphs.node("Conv", "x w", "y")
                                        .addAttribute(Graphs.attribute("strides", new long[] {1})))),
                        "the-Conv"),
                bad(
                        "padding left over",
                        Graphs.model(image.clone()
                                .addInitializer(Graphs.integers("pads", 0, 0, 1, 1, 0, 0, 1, 1))
                                .addNode(Graphs.node("Pad", "x pads", "p"))
                                .addNode(Graphs.node("Relu", "p", "y"))),
                        "node the-Pad (Pad) pads what no convolution or average pooling reads"),
                bad(
                        "softmax in the middle",
                        Graphs.model(dense.clone()
                                .setNode(0, Graphs.node("Softmax", "x", "s"))
                                .addNode(Graphs.node("MatMul", "s w", "y"))),
                        "node the-Softmax (Softmax) is not the last"),
                bad(
                        "permuted into a convolution",
                        Graphs.model(image.clone()
                                .addNode(Graphs.node("Transpose", "x", "t")
                                        .addAttribute(Graphs.attribute("perm", 0, 1, 3, 2)))
                                .addNode(Graphs.node("Conv", "t w", "y"))),
                        "whose order was permuted"));
    }

    private static ai.onnx.proto.OnnxMl.ValueInfoProto integers() {
        ai.onnx.proto.OnnxMl.ValueInfoProto.Builder value = Graphs.value("x", -1, 2).toBuilder();
        value.getTypeBuilder().getTensorTypeBuilder().setElemType(TensorProto.DataType.INT64_VALUE);
        return value.build();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void unsupported(String what, ModelProto model, String message) throws IOException {
        Path file = write(model.toByteArray());
        assertThatThrownBy(() -> Models.readOnnx(file))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageStartingWith(file + " cannot be taken over, for this reason:\n  ")
                .hasMessageContaining(message);
    }

    @Test
    void allReasonsAreNamedAtOnceAndNoConsequence() throws IOException {
        GraphProto.Builder graph = Graphs.dense()
                .setNode(0, Graphs.node("Erf", "x", "a"))
                .addNode(Graphs.node("Relu", "a", "b"))
                .addNode(Graphs.node("TopK", "b", "c"))
                .addNode(Graphs.node("LeakyRelu", "x", "d")
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("alpha")
                                .setType(AttributeProto.AttributeType.FLOAT)
                                .setF(2)))
                .addNode(NodeProto.newBuilder().setOpType("GRU").addInput("x").addOutput("y"));
        Path file = write(Graphs.model(graph).toByteArray());
        assertThatThrownBy(() -> Models.readOnnx(file)).hasMessage(file + """
                 cannot be taken over, for these reasons:
                  node the-Erf (Erf) is not supported
                  node the-TopK (TopK) is not supported
                  node the-LeakyRelu (LeakyRelu) has the slope 2.0, which must lie between 0 and 1
                  node that makes y (GRU) has linear_before_reset 0: the form with 1 can be taken, which PyTorch and Keras \
                have""");
    }

    @Test
    void aGraphThatIsNotSeriesParallelIsRefused() {
        Path file = Fixture.directory().resolve("keras-shared.onnx");
        assertThatThrownBy(() -> Models.readOnnx(file))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("is read by several branches that meet in different places");
    }

    @Test
    void everyTruncationIsAnError() throws IOException {
        byte[] good = Files.readAllBytes(Fixture.directory().resolve("mlp.onnx"));
        // The last field is the operators' version: without it, too, a file is none.
        for (int length = 0; length < good.length; length++) {
            Path file = write(Arrays.copyOf(good, length));
            assertThatThrownBy(() -> Models.readOnnx(file)).isInstanceOf(MalformedFileException.class);
        }
    }

    @Test
    void manyMessagesInFewBytesAreCountedBeforeAnyIsMade() throws IOException {
        // Two million empty nodes in four million bytes.
        byte[] nodes = new byte[4_000_000];
        for (int i = 0; i < nodes.length; i += 2) {
            nodes[i] = 1 << 3 | 2;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {8, 8, 7 << 3 | 2, (byte) 0x80, (byte) 0x92, (byte) 0xf4, 1});
        bytes.writeBytes(nodes);
        Path file = write(bytes.toByteArray());
        assertThatThrownBy(() -> Models.readOnnx(file))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("more than 1000000 messages");
    }

    @Test
    void deepNestingIsRefused() throws IOException {
        GraphProto graph = GraphProto.getDefaultInstance();
        for (int i = 0; i < 40; i++) {
            graph = GraphProto.newBuilder()
                    .addNode(NodeProto.newBuilder()
                            .addAttribute(AttributeProto.newBuilder().setG(graph)))
                    .build();
        }
        Path file = write(Graphs.model(graph.toBuilder()).toByteArray());
        assertThatThrownBy(() -> Models.readOnnx(file))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("nest more than 60 deep");
    }

    @Test
    void noiseIsNoModel() throws IOException {
        Path file = write("this is not a model at all".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> Models.read(file))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("not an ONNX file");
    }

    private ModelProto external(String location, String offset, long size) {
        TensorProto.Builder w = Graphs.dense().getInitializer(0).toBuilder()
                .clearFloatData()
                .clearDims()
                .addDims(2)
                .addDims(size)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL);
        w.addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue(location));
        w.addExternalData(StringStringEntryProto.newBuilder().setKey("offset").setValue(offset));
        return Graphs.model(Graphs.dense().setInitializer(0, w));
    }

    @Test
    void externalDataStayInTheirDirectory() throws IOException {
        Path outside = Files.write(directory.resolve("outside.bin"), new byte[64]);
        Path home = Files.createDirectory(directory.resolve("home"));
        Files.write(home.resolve("inside.bin"), new byte[64]);
        Files.createSymbolicLink(home.resolve("link.bin"), outside);
        Files.createSymbolicLink(home.resolve("up"), directory);
        Path file = home.resolve("model.onnx");
        Files.write(file, external("inside.bin", "16", 2).toByteArray());
        assertThat(Models.readOnnx(file).parameters()).hasSize(6);
        for (String location : new String[] {
            "../outside.bin",
            outside.toString(),
            "link.bin",
            "up/outside.bin",
            "x/../../outside.bin",
            "",
            ".",
            "none.bin",
            "nul\0byte"
        }) {
            Files.write(file, external(location, "0", 2).toByteArray());
            assertThatThrownBy(() -> Models.readOnnx(file))
                    .as(location)
                    .isInstanceOf(MalformedFileException.class)
                    .hasMessageContaining("external data in");
        }
    }

    @Test
    void externalDataEndWithTheirFile() throws IOException {
        Files.write(directory.resolve("data.bin"), new byte[64]);
        for (String offset : new String[] {"49", "64", "9223372036854775807"}) {
            Path file = write(external("data.bin", offset, 2).toByteArray());
            assertThatThrownBy(() -> Models.readOnnx(file))
                    .isInstanceOf(MalformedFileException.class)
                    .hasMessageContaining("of data.bin, which has 64");
        }
        for (String offset : new String[] {"-1", "one", "99999999999999999999"}) {
            Path file = write(external("data.bin", offset, 2).toByteArray());
            assertThatThrownBy(() -> Models.readOnnx(file)).hasMessageContaining("with the offset '" + offset + "'");
        }
        Path huge = write(external("data.bin", "0", 1_000_000_000).toByteArray());
        assertThatThrownBy(() -> Models.readOnnx(huge)).hasMessageContaining("needs 8000000000 bytes of external data");
    }
}
