package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.cli.Launcher.Outcome;
import org.saddlepoint.format.ImageBytes;
import org.saddlepoint.format.NpyArray;
import org.saddlepoint.format.NpyType;
import org.saddlepoint.format.Npz;
import tools.jackson.databind.JsonNode;

/** Every kind of data from the command line: what it is, a training on it, and the model's evaluation as it was trained. */
class DataIT {
    /** Examples of two classes, bright at the beginning or at the end, that any network tells apart. */
    private static final int N = 120;

    @TempDir
    static Path directory;

    static Stream<Arguments> kinds() {
        return Stream.of(
                Arguments.of("table", "DIR/flowers.csv --label-column kind --test-share 0.25", "[3]"),
                Arguments.of("image folder", "DIR/photos --image-size 8 --channels 1", "[1,8,8]"),
                Arguments.of("CIFAR", "DIR/cifar", "[3,32,32]"),
                Arguments.of("npz", "DIR/last.npz", "[3,8,6]"));
    }

    @BeforeAll
    static void makeFiles() throws IOException {
        Random random = new Random(1);
        StringBuilder table = new StringBuilder("kind,\"length, cm\",width,weight\n");
        for (int i = 0; i < N; i++) {
            table.append(i % 2 == 0 ? "early" : "late");
            for (int j = 0; j < 3; j++) {
                table.append(',').append(100 * value(i % 2, j, 3, random) + 1e4 * j);
            }
            table.append('\n');
        }
        Files.writeString(directory.resolve("flowers.csv"), table);
        for (int i = 0; i < N; i++) {
            Path of = Files.createDirectories(directory.resolve(i % 2 == 0 ? "photos/early" : "photos/late"));
            int label = i % 2;
            int width = 12 - i % 5;
            ImageBytes.Pixels pixels = (y, x, band) -> (int) (255 * value(label, x, width, random));
            Files.write(of.resolve(i + ".png"), ImageBytes.rgb(10, width, pixels));
        }
        Path cifar = Files.createDirectory(directory.resolve("cifar"));
        for (int i = 1; i <= 5; i++) {
            Files.write(cifar.resolve("data_batch_" + i + ".bin"), records(20, random));
        }
        Files.write(cifar.resolve("test_batch.bin"), records(20, random));
        byte[] pixels = new byte[N * 8 * 6 * 3];
        int[] labels = new int[N];
        for (int i = 0; i < N; i++) {
            labels[i] = i % 2;
            for (int j = 0; j < 8 * 6 * 3; j++) {
                pixels[i * 8 * 6 * 3 + j] = (byte) (255 * value(labels[i], j, 8 * 6 * 3, random));
            }
        }
        Npz.write(
                directory.resolve("last.npz"),
                Map.of("x", NpyArray.ofBytes(NpyType.UINT8, pixels, N, 8, 6, 3), "y", NpyArray.of(labels, N)));
    }

    /** Value i of n: around 0.8 in the half that the label says, else 0.2. */
    private static double value(int label, int i, int n, Random random) {
        return (label == 2 * i / n ? 0.8 : 0.2) + 0.1 * (random.nextDouble() - 0.5);
    }

    private static byte[] records(int count, Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            out.write(i % 2);
            for (int j = 0; j < 3072; j++) {
                out.write((int) (255 * value(i % 2, j, 3072, random)));
            }
        }
        return out.toByteArray();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void isShownTrainedOnAndEvaluated(String kind, String data, String shape) {
        List<String> words = List.of(data.replace("DIR", directory.toString()).split(" "));
        JsonNode info =
                Launcher.run(with(List.of("data", "info"), words, "--json")).json();
        assertThat(info.get("kind").asString()).isEqualTo(kind);
        assertThat(info.get("shape").toString()).isEqualTo(shape);
        int examples = info.get("train").asInt() + info.get("test").asInt();
        assertThat(examples).isEqualTo(N);
        String text = Launcher.run(with(List.of("data", "info"), words)).out();
        assertThat(text).contains(kind, "class", "training", "test");

        Path run = directory.resolve("run-" + kind.replace(' ', '-'));
        List<String> training = new ArrayList<>(List.of("train", "--data"));
        training.addAll(words);
        training.addAll(List.of("--model", "mlp:8", "--epochs", "12", "--learning-rate", "0.01", "--batch-size", "16"));
        JsonNode trained = Launcher.run(with(training, List.of("--json", "--out", run.toString())))
                .json();
        assertThat(trained.get("examples").asInt()).isEqualTo(info.get("test").asInt());
        assertThat(trained.get("clean_accuracy").asDouble()).isGreaterThan(0.9);
        // The data are read as they were for the training, without a word on how.
        JsonNode evaluated = Launcher.run("evaluate", run.toString(), "--json").json();
        assertThat(evaluated.get("clean_accuracy")).isEqualTo(trained.get("clean_accuracy"));
        assertThat(evaluated.get("data").asString()).isEqualTo(words.getFirst());
        // And again from the configuration, to the same model.
        Path again = directory.resolve("again-" + kind.replace(' ', '-'));
        Outcome outcome = Launcher.run(
                "train", "--config", run.resolve("config.toml").toString(), "--quiet", "--out", again.toString());
        assertThat(outcome.exitCode()).as("%s", outcome).isZero();
        assertThat(Launcher.digest(again.resolve("model.safetensors")))
                .isEqualTo(Launcher.digest(run.resolve("model.safetensors")));
    }

    @Test
    void aTablesClassesAndScalingGoWithTheModel() throws IOException {
        Path run = directory.resolve("scaled");
        Outcome outcome = Launcher.run(
                "train",
                "--data",
                directory.resolve("flowers.csv").toString(),
                "--label-column",
                "kind",
                "--model",
                "mlp:8",
                "--epochs",
                "12",
                "--learning-rate",
                "0.01",
                "--out",
                run.toString());
        assertThat(outcome.exitCode()).as("%s", outcome).isZero();
        assertThat(outcome.err()).contains("labels in column \"kind\", 3 features");
        // Of one class alone: fitted anew, their values would spread over [0,1], and "late" would be class 0.
        StringBuilder late = new StringBuilder("kind,\"length, cm\",width,weight\n");
        for (int i = 0; i < 12; i++) {
            late.append("late,").append(18 + i / 10.0).append(",10020,20500\n");
        }
        Path other = Files.writeString(directory.resolve("late.csv"), late);
        Outcome evaluated = Launcher.run(
                "evaluate",
                run.toString(),
                "--data",
                other.toString(),
                "--label-column",
                "kind",
                "--epsilon",
                "0",
                "--json");
        assertThat(evaluated.json().get("clean_accuracy").asDouble()).isEqualTo(1);
        JsonNode perClass = evaluated.json().get("per_class");
        assertThat(perClass.get(0).get("examples").asInt()).isZero();
        assertThat(perClass.get(1).get("name").asString()).isEqualTo("late");
        assertThat(perClass.get(1).get("examples").asInt()).isEqualTo(2);
        // The weight of 20500 is far above what training saw.
        assertThat(evaluated.err()).contains("2 of 6 values of the test part lie outside");
        Files.writeString(other, late.toString().replace("width", "breadth"));
        Outcome refused =
                Launcher.run("evaluate", run.toString(), "--data", other.toString(), "--label-column", "kind");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("those of the model's training were length, cm, width, weight");
    }

    @Test
    void namesAreListed() {
        JsonNode list = Launcher.run("data", "list", "--json").json();
        assertThat(list.get("datasets").valueStream().map(one -> one.get("name").asString()))
                .containsExactly("mnist", "fashion-mnist", "cifar10", "cifar100", "mnist-sample");
        Outcome info = Launcher.run("data", "info", "mnist-sample");
        assertThat(info.exitCode()).isZero();
        assertThat(info.out()).contains("mnist-sample: named, examples of shape 1x28x28 (uint8) in 10 classes");
    }

    private static List<String> with(List<String> command, List<String> words, String... more) {
        List<String> all = new ArrayList<>(command);
        all.addAll(words);
        all.addAll(List.of(more));
        return all;
    }
}
