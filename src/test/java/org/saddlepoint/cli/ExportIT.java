package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.cli.Launcher.Outcome;
import org.saddlepoint.format.Safetensors;
import org.saddlepoint.model.onnx.Models;

class ExportIT {
    @TempDir
    Path directory;

    @Test
    void anExportedModelIsAsRobustAsItWas() throws Exception {
        Path onnx = directory.resolve("model.onnx");
        Path again = directory.resolve("again.safetensors");
        assertThat(Launcher.run("export", Launcher.sampleRun().toString(), onnx.toString())
                        .out())
                .isEqualTo(onnx + ": " + Models.readOnnx(onnx).model() + System.lineSeparator());
        Launcher.run("export", onnx.toString(), again.toString());
        Path bare = directory.resolve("bare.safetensors");
        new Safetensors(Safetensors.read(again).tensors(), Map.of()).write(bare);
        List<String> options =
                List.of("--limit", "200", "--norm", "linf", "--epsilon", "0.05", "--data", "mnist-sample", "--json");
        String expected = robust(Launcher.sampleRun().toString(), options);
        assertThat(robust(onnx.toString(), options)).isEqualTo(expected);
        assertThat(robust(again.toString(), options)).isEqualTo(expected);
        String spec =
                "mlp:" + Models.read(again).model().tensors().getFirst().shape().getFirst();
        List<String> more = new java.util.ArrayList<>(List.of("--model", spec));
        more.addAll(options);
        assertThat(robust(bare.toString(), more)).isEqualTo(expected);
    }

    private static String robust(String model, List<String> options) {
        List<String> arguments = new java.util.ArrayList<>(List.of("evaluate", model));
        arguments.addAll(options);
        return Launcher.run(arguments).json().get("robust_accuracy").toString();
    }

    @Test
    void everyReasonIsALine() throws URISyntaxException {
        Path file = Path.of(Objects.requireNonNull(Models.class.getResource("keras-shared.onnx"))
                .toURI());
        Outcome outcome = Launcher.run(
                "export", file.toString(), directory.resolve("out.onnx").toString());
        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err().lines().toList())
                .hasSize(3)
                .first()
                .asString()
                .endsWith("keras-shared.onnx cannot be taken over, for this reason:");
        assertThat(Files.exists(directory.resolve("out.onnx"))).isFalse();
    }
}
