package org.saddlepoint.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.saddlepoint.device.Device;
import org.saddlepoint.format.Allocation;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.format.Safetensors;
import org.saddlepoint.format.Safetensors.Tensor;
import org.saddlepoint.reference.Values;

/** Models through files, and the many ways in which a file can hold none. */
class ModelFilesTest {
    private static final Model MODEL = Model.sequential(dense(3, 2), relu(), dense(2, 2));

    @TempDir
    private Path directory;

    @ParameterizedTest
    @MethodSource("org.saddlepoint.model.Models#all")
    void aSavedModelComesBackBitForBit(Model model) throws IOException {
        Path file = directory.resolve("model");
        float[] parameters = Values.uniform(new Random(1), (int) model.parameterCount(), -1, 1);
        parameters[0] = -0f;
        parameters[1] = Float.MIN_VALUE;
        try (Device device = Device.cpu(1);
                Classifier classifier = Classifier.of(model, device, parameters)) {
            ModelFiles.save(classifier, Map.of("threat", "linf 0.3 \"ε\"\n"), file);
            ModelFiles.Contents read = ModelFiles.read(file);
            assertThat(read.model()).isEqualTo(model);
            assertThat(bits(read.parameters())).containsExactly(bits(parameters));
            assertThat(read.metadata()).containsEntry("threat", "linf 0.3 \"ε\"\n");
            float[] x = Values.uniform(new Random(2), 30, 0, 1);
            try (Classifier loaded = Classifier.load(file, device)) {
                assertThat(bits(loaded.logits(x))).containsExactly(bits(classifier.logits(x)));
            }
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }

    private static List<Tensor> tensors() {
        return List.of(
                new Tensor("0.weight", new int[] {2, 3}, new float[6]),
                new Tensor("0.bias", new int[] {2}, new float[2]),
                new Tensor("2.weight", new int[] {2, 2}, new float[4]),
                new Tensor("2.bias", new int[] {2}, new float[2]));
    }

    private void write(List<Tensor> tensors, String architecture) throws IOException {
        new Safetensors(tensors, Map.of(ModelFiles.ARCHITECTURE, architecture)).write(directory.resolve("model"));
    }

    /** Refused in one line of bounded length that names the file, with no more memory than the file is worth. */
    private void assertRefused(String part) {
        Path file = directory.resolve("model");
        Throwable[] thrown = {null};
        long bytes = Allocation.of(() -> thrown[0] = catchThrowable(() -> ModelFiles.read(file)));
        assertThat(thrown[0])
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(part)
                .hasMessageNotContaining("\n")
                .message()
                .hasSizeLessThan(file.toString().length() + 1000);
        assertThat(bytes).isLessThan(100_000_000);
    }

    @Test
    void tensorsThatTheModelDoesNotHaveAreRefused() throws IOException {
        String architecture = ModelFiles.architecture(MODEL);
        write(tensors(), architecture);
        assertThat(ModelFiles.read(directory.resolve("model")).parameters()).hasSize(14);
        write(tensors().subList(0, 3), architecture);
        assertRefused("holds 3 tensors, but its model 3-2(relu)-2 has 4");
        for (int i = 0; i < 4; i++) {
            List<Tensor> changed = new java.util.ArrayList<>(tensors());
            Tensor old = changed.get(i);
            changed.set(i, new Tensor("1.weight", old.shape(), old.data()));
            write(changed, architecture);
            assertRefused("needs a tensor " + old.name());
            changed.set(i, new Tensor(old.name(), new int[] {1, old.data().length}, old.data()));
            write(changed, architecture);
            assertRefused("needs a tensor " + old.name());
            changed.set(i, new Tensor(old.name(), new int[] {1}, new float[1]));
            write(changed, architecture);
            assertRefused("but its model 3-2(relu)-2 has 14 parameters");
            for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                float[] data = old.data().clone();
                data[1] = value;
                changed.set(i, new Tensor(old.name(), old.shape(), data));
                write(changed, architecture);
                assertRefused("tensor " + old.name() + " holds the value " + value);
            }
        }
    }

    @Test
    void aFileWithoutArchitectureIsRefused() throws IOException {
        new Safetensors(tensors(), Map.of()).write(directory.resolve("model"));
        assertRefused("does not say its architecture");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "1",
                "[]",
                "{}",
                "\"dense\"",
                "{\"input\":null,\"layers\":[]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":null}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[null]}",
                "{\"input\":{\"dimensions\":null},\"layers\":[{\"type\":\"flatten\"}]}",
                "{\"input\":{\"dimensions\":[null]},\"layers\":[{\"type\":\"flatten\"}]}",
                "{\"input\":{\"dimensions\":[-3]},\"layers\":[{\"type\":\"dense\",\"in\":-3,\"out\":2}]}",
                "{\"input\":{\"dimensions\":[65536,65536]},\"layers\":[{\"type\":\"flatten\"}]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[{\"type\":\"dense\",\"in\":3,\"out\":-2}]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[{\"type\":\"dense\",\"in\":3}]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[{\"type\":\"dense\",\"in\":3,\"out\":99999999999}]}",
                "{\"input\":{\"dimensions\":[4]},\"layers\":[{\"type\":\"dense\",\"in\":3,\"out\":2}]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[{\"type\":\"teapot\",\"in\":3,\"out\":2}]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[{\"in\":3,\"out\":2}]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[{\"type\":\"activation\"}]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[{\"type\":\"activation\",\"function\":null}]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[{\"type\":\"activation\",\"function\":{\"slope\":0}}]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[{\"type\":\"activation\",\"function\":{\"kind\":\"X\"}}]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[{\"type\":\"normalize\"}]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[{\"type\":\"normalize\",\"mean\":[null],\"std\":[1]}]}",
                "{\"input\":{\"dimensions\":[3]},\"layers\":[{\"type\":\"normalize\",\"mean\":[0],\"std\":[0]}]}"
            })
    void anArchitectureThatIsNoneIsRefused(String architecture) throws IOException {
        write(List.of(), architecture);
        assertRefused("architecture");
    }

    /** Two gigabytes of weights claimed, nothing there; nesting and text without end. */
    @Test
    void anAbsurdArchitectureCostsNoMemory() throws IOException {
        List<Tensor> two = List.of(
                new Tensor("0.weight", new int[] {1}, new float[1]), new Tensor("0.bias", new int[] {1}, new float[1]));
        String claim =
                "{\"input\":{\"dimensions\":[46340]},\"layers\":[{\"type\":\"dense\",\"in\":46340,\"out\":46340}]}";
        write(two, claim);
        assertRefused("has 2147441940 parameters");
        write(List.of(), "[".repeat(200_000));
        assertRefused("architecture");
        write(List.of(), "{\"input\":".repeat(100_000));
        assertRefused("architecture");
        write(List.of(), "{\"input\":{\"dimensions\":[3]},\"layers\":[{\"type\":\"" + "x".repeat(100_000) + "\"}]}");
        assertRefused("architecture");
        String relus = "{\"type\":\"activation\",\"function\":{\"kind\":\"RELU\",\"slope\":0}},".repeat(10_000);
        write(
                List.of(),
                "{\"input\":{\"dimensions\":[3]},\"layers\":[" + relus + "{\"type\":\"dense\",\"in\":3,\"out\":2}]}");
        assertRefused("has 2");
    }
}
