package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.saddlepoint.cli.Launcher.digest;
import static org.saddlepoint.cli.Launcher.smallTraining;

import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.cli.Launcher.Outcome;
import tools.jackson.databind.JsonNode;

class TrainIT {
    private static final List<String> KEYS = List.of(
            "clean_accuracy",
            "robust_accuracy",
            "pgd20_last_iterate",
            "epsilon",
            "norm",
            "method",
            "model",
            "parameters",
            "epochs",
            "seconds",
            "samples_per_second",
            "device",
            "device_name",
            "threads",
            "seed",
            "out");

    @TempDir
    Path directory;

    @Test
    void aRunLeavesItsFilesAndItsFigures() throws Exception {
        Path run = Launcher.sampleRun();
        assertThat(run)
                .isDirectoryContaining("glob:**model.safetensors")
                .isDirectoryContaining("glob:**checkpoint.safetensors")
                .isDirectoryContaining("glob:**config.toml");
        JsonNode summary =
                new tools.jackson.databind.json.JsonMapper().readTree(Files.readString(run.resolve("summary.json")));
        assertThat(summary.propertyNames()).containsAll(KEYS);
        assertThat(summary.get("clean_accuracy").asDouble()).isBetween(0.3, 1.0);
        assertThat(summary.get("robust_accuracy").asDouble())
                .isBetween(0.1, summary.get("clean_accuracy").asDouble());
        assertThat(summary.get("epsilon").asDouble()).isEqualTo(0.031);
        assertThat(summary.get("parameters").asInt()).isEqualTo(101_770);
        assertThat(summary.get("device").asString()).isEqualTo("cpu");
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(2);
        try (var files = Files.list(run)) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".tmp"));
        }
    }

    @Test
    void theConfigurationReplaysToTheSameBitsAtAnyNumberOfThreads() {
        Path run = Launcher.sampleRun();
        String config = run.resolve("config.toml").toString();
        for (String threads : List.of("1", "2")) {
            Path again = directory.resolve("again" + threads);
            Outcome outcome = Launcher.run(
                    "train", "--config", config, "--threads", threads, "--out", again.toString(), "--json");
            assertThat(outcome.json().get("threads").asString()).isEqualTo(threads);
            assertThat(digest(again.resolve("model.safetensors"))).isEqualTo(digest(run.resolve("model.safetensors")));
        }
    }

    @Test
    void aSecondRunIntoTheSameDirectoryIsRefused() throws Exception {
        Path run = Files.createDirectory(directory.resolve("shared"));
        Path file = run.resolve(".lock");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            Outcome outcome = Launcher.run(smallTraining(run));
            assertThat(lock.isValid()).isTrue();
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.err()).contains("another run is writing into " + run);
        }
        assertThat(run).isDirectoryNotContaining("glob:**config.toml");
    }

    @Test
    void flagsWinOverTheConfiguration() throws Exception {
        Path config = directory.resolve("small.toml");
        Files.writeString(config, """
                data = "mnist-sample"
                limit-train = 300
                limit-test = 50
                epsilon = "8/255"
                random-start = false
                epochs = 7
                compare = true
                """);
        JsonNode json = Launcher.run(
                        "train",
                        "--config",
                        config.toString(),
                        "--compare",
                        "--epochs",
                        "1",
                        "--json",
                        "--out",
                        directory.resolve("run").toString())
                .json();
        assertThat(json.get("epochs").asInt()).isEqualTo(1);
        assertThat(json.get("epsilon").asDouble()).isEqualTo(8 / 255.0);
        assertThat(json.get("standard").propertyNames()).containsAll(KEYS);
        assertThat(json.get("standard").get("method").asString()).isEqualTo("standard");
        assertThat(directory.resolve("run/config.toml")).content().contains("random-start = false", "epochs = 1");
        assertThat(directory.resolve("run/standard/model.safetensors")).exists();
    }

    @Test
    void everyChoiceTrains() {
        List<List<String>> choices = List.of(
                List.of("--method", "fgsm", "--loss", "mse", "--optimizer", "sgd", "--momentum", "0.9"),
                List.of(
                        "--method",
                        "fgsm-rs",
                        "--optimizer",
                        "adamw",
                        "--schedule",
                        "one-cycle",
                        "--clean-share",
                        "0.5"),
                List.of("--norm", "l2", "--epsilon", "0.5", "--activation", "tanh", "--schedule", "cosine"),
                List.of(
                        "--norm",
                        "l1",
                        "--epsilon",
                        "5",
                        "--restarts",
                        "2",
                        "--no-random-start",
                        "--model",
                        "mlp:32,16"),
                List.of("--method", "free", "--replays", "2", "--norm", "l2", "--epsilon", "0.5", "--early-stop"),
                List.of("--method", "standard", "--validation", "100", "--schedule", "piecewise"));
        for (List<String> choice : choices) {
            Outcome outcome = Launcher.run(smallTraining(directory.resolve("run"), choice.toArray(String[]::new)));
            assertThat(outcome.json().get("clean_accuracy").asDouble())
                    .as("%s", choice)
                    .isGreaterThan(0.2);
        }
    }

    @Test
    void peopleGetATable() {
        List<String> arguments = smallTraining(directory.resolve("run"), "--quiet", "--compare");
        Outcome outcome = Launcher.run(
                arguments.stream().filter(word -> !word.equals("--json")).toList());
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out())
                .contains("clean accuracy", "robust accuracy", "training time", "pgd", "standard", "%");
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void anInterruptedRunGoesOnToTheSameBits() throws Exception {
        Path whole = directory.resolve("whole");
        Path parts = directory.resolve("parts");
        String[] settings = {
            "--limit-train", "1500", "--validation", "100", "--epochs", "3", "--model", "mlp:512,128", "--steps", "8"
        };
        JsonNode expected = Launcher.run(training(whole, settings)).json();

        interruptInSecondEpoch(training(parts, settings), parts);
        assertThat(parts.resolve("summary.json")).doesNotExist();
        Outcome resumed = Launcher.run("train", "--resume", parts.toString(), "--json");
        JsonNode actual = resumed.json();
        for (String key : List.of("clean_accuracy", "robust_accuracy", "pgd20_last_iterate", "epochs", "parameters")) {
            assertThat(actual.get(key)).as(key).isEqualTo(expected.get(key));
        }
        for (String file : List.of("model.safetensors", "checkpoint.safetensors", "config.toml")) {
            assertThat(digest(parts.resolve(file))).as(file).isEqualTo(digest(whole.resolve(file)));
        }
        assertThat(Files.readAllLines(parts.resolve("metrics.jsonl"))).hasSize(3);

        Outcome again = Launcher.run("train", "--resume", parts.toString(), "--json");
        assertThat(again.err()).contains("is finished");
        assertThat(again.json()).isEqualTo(actual);
    }

    private static List<String> training(Path out, String... settings) {
        List<String> arguments = new ArrayList<>(List.of("train", "--data", "mnist-sample", "--json"));
        arguments.addAll(List.of("--out", out.toString()));
        arguments.addAll(List.of(settings));
        return arguments;
    }

    /** Sends SIGINT as soon as the first epoch is saved. */
    private void interruptInSecondEpoch(List<String> arguments, Path run) throws Exception {
        // A build started in the background ignores SIGINT, and so would its children.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT", Launcher.PROGRAM.toString()));
        command.addAll(arguments);
        Path err = directory.resolve("err");
        Process process = new ProcessBuilder(command)
                .redirectError(err.toFile())
                .redirectOutput(directory.resolve("out").toFile())
                .start();
        awaitFirstEpoch(run);
        new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                .start()
                .waitFor();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(Files.readString(err)).contains("interrupted", "saddlepoint train --resume " + run);
    }

    private static void awaitFirstEpoch(Path run) throws Exception {
        await(() -> Files.exists(run.resolve("model.safetensors")));
    }

    private static void await(Callable<Boolean> event) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!event.call() && System.nanoTime() < deadline) {
            Thread.sleep(1);
        }
    }

    /** On a terminal the bar is alive, and no library of it may take Ctrl-C away. */
    @Test
    void controlCOnATerminalSaysHowToGoOn() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script (Debian: bsdutils) makes the terminal");
        Path run = directory.resolve("run");
        Path out = directory.resolve("out");
        String command = "env --default-signal=INT " + Launcher.PROGRAM;
        command += " train --data mnist-sample --epochs 1000 --out " + run;
        Process process = new ProcessBuilder("/usr/bin/script", "-qefc", command, "/dev/null")
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        awaitFirstEpoch(run);
        await(() -> Files.readString(out).contains("loss ")); // the bar is drawn a few times a second
        try (var terminal = process.getOutputStream()) {
            terminal.write(3);
            terminal.flush();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(Files.readString(out))
                .contains("pgd epoch 1/1000   0% [", "loss ", "saddlepoint train --resume " + run);
    }
}
