package org.saddlepoint.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.format.Safetensors;
import org.saddlepoint.model.Layers;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.ModelFiles;

/** PyTorch's state dicts: tensors without an architecture, which batch normalisation makes one of integers among. */
class StateDictTest {
    private static final Path THEIRS = Fixture.directory().resolve("batch-norm.safetensors");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private static ModelFiles.Contents onnx() throws IOException {
        return Models.readOnnx(Fixture.directory().resolve("batch-norm.onnx"));
    }

    @Test
    void holdsWhatTheSameModulesGraphHolds() throws IOException {
        ModelFiles.Contents expected = onnx();
        ModelFiles.Contents read = ModelFiles.readStateDict(THEIRS, expected.model());
        assertThat(read.parameters()).isEqualTo(expected.parameters());
    }

    @Test
    void oursHaveTheirNamesTypesAndShapes() throws IOException {
        Path ours = directory.resolve("ours.safetensors");
        ModelFiles.save(onnx(), ours);
        assertThat(described(Safetensors.read(ours)))
                .containsExactlyInAnyOrderElementsOf(described(Safetensors.read(THEIRS)));
        assertThat(Models.read(ours).parameters()).isEqualTo(onnx().parameters());
    }

    private static List<String> described(Safetensors file) {
        List<String> all = new ArrayList<>();
        for (Safetensors.Tensor tensor : file.tensors()) {
            all.add(tensor.name() + " " + java.util.Arrays.toString(tensor.shape())
                    + (tensor.integers() ? " I64" : ""));
        }
        return all;
    }

    @Test
    void countersAreNotNeeded() throws IOException {
        List<Safetensors.Tensor> tensors = Safetensors.read(THEIRS).tensors().stream()
                .filter(tensor -> !tensor.integers())
                .toList();
        Path file = directory.resolve("fewer.safetensors");
        new Safetensors(tensors, Map.of()).write(file);
        assertThat(ModelFiles.readStateDict(file, onnx().model()).parameters()).isEqualTo(onnx().parameters());
    }

    @Test
    void withoutAModelItIsRefusedAndWithAnotherToo() {
        assertThatThrownBy(() -> Models.read(THEIRS))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("does not say its architecture")
                .hasMessageContaining("say the model");
        Model other = Model.sequential(Layers.dense(4, 3));
        assertThatThrownBy(() -> ModelFiles.readStateDict(THEIRS, other))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("holds 14 tensors, but its model 4-3 has 2");
    }
}
