package org.saddlepoint.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.format.Safetensors.Tensor;

class SafetensorsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void roundTripKeepsBitsOrderAndMetadata() throws IOException {
        float[] odd = {0f, -0f, Float.NaN, Float.MIN_VALUE, Float.NEGATIVE_INFINITY};
        float[] large = new float[70_001];
        for (int i = 0; i < large.length; i++) {
            large[i] = i * 0.1f;
        }
        Safetensors written = new Safetensors(
                List.of(
                        new Tensor("z.weight", new int[] {5}, odd),
                        new Tensor("empty", new int[] {0, 7}, new float[0]),
                        new Tensor("a \"quoted\" nämé", new int[] {1, 70_001}, large),
                        new Tensor("scalar", new int[0], new float[] {2.5f})),
                Map.of("model", "{\"layers\": 2}", "", "ünï"));
        Path file = directory.resolve("model.safetensors");
        written.write(file);
        Safetensors read = Safetensors.read(file);

        assertThat(read.metadata()).isEqualTo(written.metadata());
        assertThat(read.tensors())
                .extracting(Tensor::name)
                .containsExactly("z.weight", "empty", "a \"quoted\" nämé", "scalar");
        for (int i = 0; i < 4; i++) {
            assertThat(read.tensors().get(i).shape())
                    .isEqualTo(written.tensors().get(i).shape());
            assertThat(read.tensors().get(i).data())
                    .isEqualTo(written.tensors().get(i).data());
        }
    }

    @Test
    void sameContentSameBytesAlignedToEight() throws IOException {
        Safetensors content =
                new Safetensors(List.of(new Tensor("w", new int[] {3}, new float[3])), Map.of("step", "1"));
        Path one = directory.resolve("one");
        Path two = directory.resolve("two");
        content.write(one);
        content.write(two);
        assertThat(one).hasSameBinaryContentAs(two);
        long header = ByteBuffer.wrap(Files.readAllBytes(one))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        assertThat(header % 8).isZero();
    }

    @Test
    void readsTheReferencesFile() throws IOException, URISyntaxException {
        Path file = Path.of(Objects.requireNonNull(SafetensorsTest.class.getResource("reference.safetensors"))
                .toURI());
        Safetensors read = Safetensors.read(file);
        Map<String, Tensor> tensors = read.tensors().stream().collect(Collectors.toMap(Tensor::name, t -> t));
        float[] eighths = {0f, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f};
        assertThat(read.metadata()).isEqualTo(Map.of("format", "np", "note", "ünï"));
        for (String name : List.of("a", "b", "wide")) {
            assertThat(Objects.requireNonNull(tensors.get(name)).data()).isEqualTo(eighths);
            assertThat(Objects.requireNonNull(tensors.get(name)).shape()).containsExactly(2, 3);
        }
        assertThat(Objects.requireNonNull(tensors.get("count")).data()).containsExactly(7f);
        assertThat(Objects.requireNonNull(tensors.get("steps")).data()).containsExactly(0f, 1f, 2f, 3f, 4f, 5f);
        assertThat(Objects.requireNonNull(tensors.get("empty")).shape()).containsExactly(0, 4);
    }

    @Test
    void readsBrainFloats() throws IOException {
        // 1.0 and -2.5 are exact in bfloat16: the upper halves of 0x3f800000 and 0xc0200000.
        Path file = file("{\"t\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 0x80, 0x3f, 0x20, 0xc0);
        assertThat(Safetensors.read(file).tensors().getFirst().data())
                .containsExactly(new float[] {1f, -2.5f}, within(0f));
    }

    @Test
    void everyFlippedBitOfTheValuesIsAnError() throws IOException {
        Path file = directory.resolve("model");
        new Safetensors(List.of(new Tensor("w", new int[] {2}, new float[] {1f, 2f})), Map.of()).write(file);
        byte[] good = Files.readAllBytes(file);
        for (int bit = 0; bit < 64; bit++) {
            byte[] bad = good.clone();
            bad[good.length - 8 + bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(file, bad);
            assertThatThrownBy(() -> Safetensors.read(file))
                    .isInstanceOf(MalformedFileException.class)
                    .hasMessageContaining("the file was damaged or changed");
        }
    }

    @Test
    void everyTruncationIsAnError() throws IOException {
        Path file = directory.resolve("model");
        new Safetensors(List.of(new Tensor("w", new int[] {2}, new float[] {1f, 2f})), Map.of()).write(file);
        byte[] good = Files.readAllBytes(file);
        for (int length = 0; length < good.length; length++) {
            Files.write(file, Arrays.copyOf(good, length));
            assertThatThrownBy(() -> Safetensors.read(file)).isInstanceOf(MalformedFileException.class);
        }
    }

    static Stream<Arguments> malformed() {
        String one = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
        return Stream.of(
                Arguments.of("no object", "[1, 2]", "begin with '{'"),
                Arguments.of("broken JSON", "{\"a\":{", "header"),
                Arguments.of("text after the object", one + "} {}", "follows"),
                Arguments.of("value too short", one.replace("[0,4]", "[0,3]") + "}", "needs 4 bytes"),
                Arguments.of("offsets turned", one.replace("[0,4]", "[4,0]") + "}", "needs 4 bytes"),
                Arguments.of("negative offset", one.replace("[0,4]", "[-4,0]") + "}", "negative"),
                Arguments.of("offset past long", one.replace("[0,4]", "[0,99999999999999999999]") + "}", "header"),
                Arguments.of("fraction", one.replace("[1]", "[1.5]") + "}", "expected END_ARRAY"),
                Arguments.of("shape past int", one.replace("[1]", "[4294967297]") + "}", "absurd shape"),
                Arguments.of("product past int", one.replace("[1]", "[65536,65536]") + "}", "more than 2147483647"),
                Arguments.of("17 dimensions", one.replace("[1]", "[1" + ",1".repeat(16) + "]") + "}", "more than 16"),
                Arguments.of("unknown type", one.replace("F32", "F8_E4M3") + "}", "has type F8_E4M3"),
                Arguments.of("unknown entry", one.replace("\"shape\"", "\"size\"") + "}", "unknown entry size"),
                Arguments.of("no type", "{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", "needs a dtype"),
                Arguments.of(
                        "overlap",
                        one + ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}",
                        "expected 4"),
                Arguments.of(
                        "hole",
                        one + ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[6,10]}}",
                        "expected 4"),
                Arguments.of("uncovered rest", one + "}", "cover 4 bytes, the file holds 8"),
                Arguments.of("two of one name", one + "," + one.substring(1) + "}", "Duplicate"),
                Arguments.of("metadata no text", "{\"__metadata__\":{\"k\":1}}", "expected VALUE_STRING"),
                Arguments.of("empty name", one.replace("\"a\"", "\"\"") + "}", "tensor name"),
                Arguments.of("control character", one.replace("\"a\"", "\"a\\n\"") + "}", "tensor name"),
                Arguments.of("deep", "{\"a\":" + "[".repeat(5000), "header"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void malformed(String what, String header, String message) throws IOException {
        Path file = file(header, 0, 0, 0, 0, 0, 0, 0, 0);
        assertThatThrownBy(() -> Safetensors.read(file))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void integersThatFloatCannotHoldAreRefused() throws IOException {
        Path file = file("{\"n\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 1, 0, 0, 1);
        assertThatThrownBy(() -> Safetensors.read(file)).hasMessageContaining("16777217 is not exact in float32");
    }

    @Test
    void hugeHeaderLengthAllocatesNothing() throws IOException {
        for (long length : new long[] {-1, Long.MAX_VALUE, 100_000_001, 1000}) {
            Path file = Files.write(
                    directory.resolve("huge"),
                    ByteBuffer.allocate(20)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(length)
                            .array());
            long bytes = Allocation.of(() -> assertThatThrownBy(() -> Safetensors.read(file))
                    .isInstanceOf(MalformedFileException.class)
                    .hasMessageContaining("header of " + Long.toUnsignedString(length) + " bytes in a file of 20"));
            assertThat(bytes).isLessThan(1 << 20);
        }
    }

    @Test
    void constructionIsChecked() {
        Tensor tensor = new Tensor("w", new int[] {1}, new float[1]);
        assertThatThrownBy(() -> new Safetensors(List.of(tensor, tensor), Map.of()))
                .hasMessage("two tensors are named w");
        assertThatThrownBy(() -> new Safetensors(List.of(), Map.of("sha256", "x")))
                .hasMessageContaining("sha256");
        assertThatThrownBy(() -> new Tensor("w", new int[] {2, 3}, new float[5]))
                .hasMessage("tensor w: shape 2x3 does not hold 5 values");
        assertThatThrownBy(() -> new Tensor("__metadata__", new int[] {1}, new float[1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Path file(String header, int... values) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(text.length).put(text);
        for (int value : values) {
            bytes.put((byte) value);
        }
        return Files.write(directory.resolve("crafted.safetensors"), bytes.array());
    }
}
