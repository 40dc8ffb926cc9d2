package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.cli.Launcher.Outcome;
import tools.jackson.databind.JsonNode;

class EvaluateIT {
    private static String run() {
        return Launcher.sampleRun().toString();
    }

    @Test
    void theRunSaysWhatToEvaluateWith() {
        JsonNode json =
                Launcher.run("evaluate", run(), "--limit", "200", "--json").json();
        assertThat(json.propertyNames())
                .contains(
                        "clean_accuracy",
                        "robust_accuracy",
                        "examples",
                        "epsilon",
                        "norm",
                        "seed",
                        "device",
                        "attacks");
        assertThat(json.get("epsilon").asDouble()).isEqualTo(0.031);
        assertThat(json.get("norm").asString()).isEqualTo("linf");
        assertThat(json.get("examples").asInt()).isEqualTo(200);
        JsonNode attack = json.get("attacks").get(0);
        assertThat(attack.propertyNames()).contains("name", "epsilon", "robust_accuracy", "seconds", "zero_gradients");
        assertThat(attack.get("name").asString()).isEqualTo("pgd");
    }

    @Test
    void listsMakeACurve() {
        JsonNode json = Launcher.run(
                        "evaluate",
                        run(),
                        "--limit",
                        "200",
                        "--attack",
                        "fgsm,fgsm-rs,bim,pgd",
                        "--epsilon",
                        "0,0.03,0.1",
                        "--json")
                .json();
        assertThat(json.get("attacks").size()).isEqualTo(12);
        assertThat(json.get("epsilon").asDouble()).isEqualTo(0.1);
        double clean = json.get("clean_accuracy").asDouble();
        double worst = 1;
        for (JsonNode attack : json.get("attacks")) {
            double robust = attack.get("robust_accuracy").asDouble();
            if (attack.get("epsilon").asDouble() == 0) {
                assertThat(robust).isEqualTo(clean);
            }
            if (attack.get("epsilon").asDouble() == 0.1) {
                worst = Math.min(worst, robust);
            }
        }
        assertThat(json.get("robust_accuracy").asDouble()).isLessThanOrEqualTo(worst);
    }

    @Test
    void aModelFileServesToo() {
        String file = Path.of(run(), "model.safetensors").toString();
        Outcome outcome = Launcher.run(
                "evaluate", file, "--limit", "100", "--norm", "l2", "--epsilon", "1/2", "--restarts", "2", "--quiet");
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).contains("attack", "worst case", "class", "l2", "%");
    }

    @Test
    void evaluateAndAttackAgree() {
        List<String> options =
                List.of("--limit", "150", "--attack", "pgd", "--epsilon", "0.1", "--targeted", "3", "--json");
        JsonNode evaluated = Launcher.run(with("evaluate", options)).json();
        JsonNode attacked = Launcher.run(with("attack", options)).json();
        assertThat(attacked.get("robust_accuracy")).isEqualTo(evaluated.get("robust_accuracy"));
        assertThat(attacked.get("clean_accuracy")).isEqualTo(evaluated.get("clean_accuracy"));
    }

    private static List<String> with(String command, List<String> options) {
        List<String> arguments = new java.util.ArrayList<>(List.of(command, run()));
        arguments.addAll(options);
        return arguments;
    }

    @Test
    void autoAttackGoesOnAfterAKillToTheSameVerdicts(@TempDir Path directory) throws Exception {
        List<String> command =
                List.of("evaluate", run(), "--limit", "200", "--attack", "autoattack", "--epsilon", "0.08", "--json");
        JsonNode whole = Launcher.run(command).json();
        Path state = directory.resolve("state");
        List<String> kept = new ArrayList<>(command);
        kept.addAll(List.of("--state", state.toString()));

        List<String> started = new ArrayList<>(List.of(Launcher.PROGRAM.toString()));
        started.addAll(kept);
        Process process = new ProcessBuilder(started)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile())
                .start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!Files.exists(state) && process.isAlive() && System.nanoTime() < deadline) {
            Thread.sleep(1);
        }
        process.destroyForcibly().waitFor();
        assertThat(state).exists();

        JsonNode resumed = Launcher.run(kept).json();
        assertThat(resumed.get("beaten_by")).isEqualTo(whole.get("beaten_by"));
        assertThat(resumed.get("robust_accuracy")).isEqualTo(whole.get("robust_accuracy"));
        assertThat(resumed.get("attacks").size()).isEqualTo(4);
        int survivors = whole.get("attacks").get(0).get("faced").asInt();
        for (int i = 0; i < 4; i++) {
            JsonNode attack = resumed.get("attacks").get(i);
            assertThat(attack.get("survivors"))
                    .isEqualTo(whole.get("attacks").get(i).get("survivors"));
            assertThat(attack.get("faced").asInt()).isEqualTo(survivors);
            survivors = attack.get("survivors").asInt();
        }
        assertThat(Launcher.run("evaluate", run(), "--limit", "100", "--state", state.toString())
                        .err())
                .contains("state");
    }
}
