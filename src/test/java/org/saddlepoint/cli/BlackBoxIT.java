package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.cli.Launcher.Outcome;
import tools.jackson.databind.JsonNode;

class BlackBoxIT {
    @TempDir
    static Path directory;

    private static String onnx = "";

    @BeforeAll
    static void export() {
        onnx = directory.resolve("model.onnx").toString();
        Launcher.run("export", Launcher.sampleRun().toString(), onnx);
    }

    private static List<String> with(String command, String model, String... more) {
        List<String> arguments = new ArrayList<>(List.of(command, model));
        arguments.addAll(List.of("--black-box", "logits", "--queries", "60", "--limit", "100", "--epsilon", "0.1"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    @Test
    void aFileOfAnyKindIsAsked() {
        Path state = directory.resolve("state");
        JsonNode json = Launcher.run(with("evaluate", onnx, "--state", state.toString(), "--json"))
                .json();
        JsonNode attack = json.get("attacks").get(0);
        assertThat(attack.get("name").asString()).isEqualTo("square");
        assertThat(attack.get("queries").get("mean").asDouble()).isBetween(1.0, 60.0);
        assertThat(attack.get("queries").get("median").asDouble()).isBetween(1.0, 60.0);
        assertThat(json.get("robust_accuracy").asDouble())
                .isLessThan(json.get("clean_accuracy").asDouble());
        for (JsonNode check : json.get("checks")) {
            if (check.get("check").asString().equals("gradients")) {
                assertThat(check.get("verdict").asString()).isEqualTo("not_checked");
            }
        }
        // A run that goes on behind its last attack tells the same.
        JsonNode again = Launcher.run(with("evaluate", onnx, "--state", state.toString(), "--json"))
                .json();
        assertThat(again.get("attacks")).isEqualTo(json.get("attacks"));
        // Our own model, of which ONNX Runtime computes the logits to rounding.
        JsonNode ours = Launcher.run(with("evaluate", Launcher.sampleRun().toString(), "--json"))
                .json();
        assertThat(ours.get("robust_accuracy").asDouble())
                .isCloseTo(json.get("robust_accuracy").asDouble(), org.assertj.core.data.Offset.offset(0.02));
    }

    @Test
    void labelsSufficeForTransfer() {
        List<String> arguments = new ArrayList<>(List.of("evaluate", onnx, "--black-box", "labels", "--limit", "100"));
        arguments.addAll(List.of("--epsilon", "0.2", "--attack", "transfer", "--substitute-queries", "800", "--json"));
        JsonNode json = Launcher.run(arguments).json();
        assertThat(json.get("substitute_queries").asInt()).isEqualTo(800);
        assertThat(json.get("robust_accuracy").asDouble())
                .isLessThan(json.get("clean_accuracy").asDouble() - 0.2);
        assertThat(Launcher.run(arguments).json().get("beaten_by")).isEqualTo(json.get("beaten_by"));
    }

    @Test
    void examplesAreMadeByQuestions() {
        Outcome outcome = Launcher.run(
                with("attack", onnx, "--out", directory.resolve("adv.npz").toString()));
        assertThat(outcome.exitCode()).as("%s", outcome).isZero();
        assertThat(outcome.out()).contains("queries", "mean", "median", "square");
    }
}
