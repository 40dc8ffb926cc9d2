package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.saddlepoint.cli.Launcher.digest;
import static org.saddlepoint.cli.Launcher.smallTraining;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.cli.Launcher.Outcome;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands on the emulated CUDA device. */
@Tag("cuda")
@Tag("emulated")
class CudaIT {
    private static final Path EMULATOR = Path.of("native/emulator/run").toAbsolutePath();
    /** Two whole batches of 32 and one of 16. */
    private static final List<String> TINY = List.of(
            "train", "--data", "mnist-sample", "--limit-train", "80", "--limit-test", "32", "--model", "mlp:16");

    @TempDir
    private static Path shared;

    private static Path run = Path.of("");
    private static Outcome trained = new Outcome(-1, "", "", 0);

    @TempDir
    private Path directory;

    @BeforeAll
    static void train() {
        Path build = Path.of(System.getenv().getOrDefault("SADDLEPOINT_NATIVE_BUILD", "target/native"));
        assumeTrue(
                Files.exists(build.resolve("emulator/libcuda.so.1")),
                "the emulated CUDA driver is not built: it needs nvcc");
        run = shared.resolve("cuda");
        trained = emulated(Map.of(), smallTraining(run, "--device", "cuda"));
    }

    private static Outcome emulated(Map<String, String> switches, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(EMULATOR.toString(), Launcher.PROGRAM.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(switches);
        return Launcher.runCommand(builder);
    }

    private static Outcome emulated(String... arguments) {
        return emulated(Map.of(), List.of(arguments));
    }

    private static List<String> tiny(Path out, String... more) {
        List<String> arguments = new ArrayList<>(TINY);
        arguments.addAll(List.of("--device", "cuda", "--json", "--out", out.toString()));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private static List<JsonNode> metrics(Path of) throws Exception {
        JsonMapper mapper = new JsonMapper();
        return Files.readAllLines(of.resolve("metrics.jsonl")).stream()
                .map(mapper::readTree)
                .toList();
    }

    private static void assertEmulated(JsonNode json) {
        assertThat(json.get("device").asString()).isEqualTo("cuda:0");
        assertThat(json.get("device_name").asString()).contains("Emulated", "tests only");
    }

    @Test
    void aTrainingFollowsTheCpuDevices() throws Exception {
        assertEmulated(trained.json());
        List<JsonNode> ours = metrics(run);
        List<JsonNode> theirs = metrics(Launcher.sampleRun());
        assertThat(ours).hasSameSizeAs(theirs).hasSize(2);
        for (int i = 0; i < ours.size(); i++) {
            // The same starts and the same order of sums: only a gradient within rounding of zero may turn a pixel's
            // step over, some 0.1 % of them, each worth 1/255 of a pixel.
            for (String key : List.of("loss", "learning_rate")) {
                double expected = theirs.get(i).get(key).asDouble();
                assertThat(ours.get(i).get(key).asDouble()).isCloseTo(expected, Offset.offset(1e-3 * expected));
            }
            assertThat(ours.get(i).get("accuracy").asDouble())
                    .isCloseTo(theirs.get(i).get("accuracy").asDouble(), Offset.offset(2.5 / 600));
            for (String key : List.of("clean_accuracy", "robust_accuracy")) {
                assertThat(ours.get(i).get(key).asDouble())
                        .isCloseTo(theirs.get(i).get(key).asDouble(), Offset.offset(2.5 / 200));
            }
        }
        assertThat(ours.getLast().get("loss").asDouble())
                .isLessThan(0.7 * ours.getFirst().get("loss").asDouble());
    }

    @Test
    void anEvaluationAndAnAttackFindWhatTheCpuDeviceFinds() {
        List<String> evaluate = List.of("evaluate", run.toString(), "--limit", "100", "--attack", "fgsm,pgd", "--json");
        List<String> attack = List.of("attack", run.toString(), "--limit", "50", "--norm", "l2", "--epsilon", "1");
        JsonNode ours = on("cuda", evaluate);
        JsonNode theirs = on("cpu", evaluate);
        assertEmulated(ours);
        for (String key : List.of("clean_accuracy", "robust_accuracy")) {
            assertThat(ours.get(key).asDouble()).isCloseTo(theirs.get(key).asDouble(), Offset.offset(1.5 / 100));
        }
        List<String> archive = new ArrayList<>(attack);
        archive.addAll(List.of("--json", "--out", directory.resolve("adv.npz").toString()));
        JsonNode found = on("cuda", archive);
        assertEmulated(found);
        assertThat((double) found.get("successes").asInt())
                .isCloseTo(on("cpu", archive).get("successes").asInt(), Offset.offset(1.0));
        assertThat(directory.resolve("adv.npz")).exists();
    }

    private static JsonNode on(String device, List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--device", device));
        return emulated(Map.of(), all).json();
    }

    @Test
    void aBenchmarkSaysWhatItRanOn() {
        JsonNode json = emulated("bench", "--device", "cuda", "--workload", "W1", "--seconds", "0.1", "--json")
                .json();
        assertEmulated(json.get("workloads").get(0));
        assertThat(json.get("workloads").get(0).get("samples_per_second").asDouble())
                .isPositive();
    }

    @Test
    void infoListsTheDevice() {
        JsonNode device = emulated(Map.of("EMU_CC", "86"), List.of("info", "--json"))
                .json()
                .get("devices")
                .get(0);
        assertThat(device.get("name").asString()).isEqualTo("cuda:0");
        assertThat(device.get("hardware").asString()).contains("Emulated");
        assertThat(device.get("level").asString()).isEqualTo("sm_86");
        assertThat(device.get("memory").asString()).isEqualTo("4.0 GiB");
        assertThat(device.get("driver").asString()).startsWith("CUDA ");
        assertThat(device.get("providers").asString())
                .startsWith("own, cublas ")
                .contains(", cudnn 8.");
        assertThat(emulated("info").out()).contains("cuda:0: Emulated CUDA device sm_90", "memory 4.0 GiB");
    }

    @Test
    void anEmulatedDeviceMustBeNamed() {
        List<String> arguments = new ArrayList<>(TINY);
        arguments.addAll(List.of("--epochs", "1", "--json", "--device", "auto"));
        arguments.addAll(List.of("--out", directory.resolve("run").toString()));
        Outcome outcome = emulated(Map.of(), arguments);
        assertThat(outcome.json().get("device").asString()).isEqualTo("cpu");
        assertThat(outcome.err()).contains("device cpu: cuda:0 is passed over: it is emulated");
    }

    @Test
    void aDeviceThatIsNotThereIsOneLine() {
        ProcessBuilder without = new ProcessBuilder(command(Launcher.PROGRAM, "--device", "cuda"));
        without.environment().put("LD_LIBRARY_PATH", "/nowhere");
        Outcome outcome = Launcher.runCommand(without);
        if (!outcome.err().contains("this build has no CUDA kernels")) {
            assertRefused(outcome, "there is no device 'cuda' here: no CUDA device: no NVIDIA driver");
        }
        assertRefused(
                emulated(
                        Map.of(),
                        tiny(directory, "--device=cuda:7").stream()
                                .filter(word -> !word.equals("--device") && !word.equals("cuda"))
                                .toList()),
                "there is no device 'cuda:7' here: choose auto or one of cuda:0, cpu");
        assertRefused(
                Launcher.runCommand(
                        new ProcessBuilder(command(Launcher.PROGRAM, "--device", "cpu", "--attack-precision", "tf32"))),
                "--attack-precision is tf32, which cpu does not have: choose float32 or bf16");
    }

    private List<String> command(Path program, String... more) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(TINY);
        command.addAll(List.of("--out", directory.toString()));
        command.addAll(List.of(more));
        return command;
    }

    private static void assertRefused(Outcome outcome, String reason) {
        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err()).contains("saddlepoint train: ", reason).doesNotContain("\tat ");
        assertThat(outcome.err().lines().filter(line -> !line.startsWith("see '")))
                .hasSize(1);
    }

    @Test
    void aQuietTrainingSaysNothing() {
        for (String precision : List.of("tf32", "bf16")) {
            Path out = directory.resolve(precision);
            Outcome outcome =
                    emulated(Map.of(), tiny(out, "--epochs", "1", "--quiet", "--attack-precision", precision));
            assertThat(outcome.json().get("attack_precision").asString()).isEqualTo(precision);
            assertThat(outcome.err()).isEmpty();
        }
    }

    @Test
    void aKernelThatFailsInAnEpochLeavesTheLastCheckpointAndTheRunGoesOnToTheSameBits() throws Exception {
        Path whole = directory.resolve("whole");
        Path parts = directory.resolve("parts");
        String[] settings = {"--epochs", "3", "--validation", "16"};
        JsonNode expected = emulated(Map.of(), tiny(whole, settings)).json();
        // The first failure that leaves a checkpoint behind lies in the second epoch.
        Outcome failed = new Outcome(0, "", "", 0);
        for (int k = 40; !Files.exists(parts.resolve("checkpoint.safetensors")) && k < 200; k += 10) {
            failed = emulated(Map.of("EMU_FAIL_LAUNCH", String.valueOf(k)), tiny(parts, settings));
            assertThat(failed.exitCode()).isEqualTo(1);
        }
        assertThat(failed.err().lines().filter(line -> line.startsWith("saddlepoint train: ")))
                .singleElement()
                .asString()
                .contains("CUDA_ERROR_LAUNCH_FAILED (719)", "closed and opened again");
        assertThat(failed.err()).doesNotContain("\tat ");
        assertThat(metrics(parts)).hasSize(1);

        JsonNode actual =
                emulated("train", "--resume", parts.toString(), "--json").json();
        assertEmulated(actual);
        for (String file : List.of("model.safetensors", "checkpoint.safetensors", "config.toml")) {
            assertThat(digest(parts.resolve(file))).as(file).isEqualTo(digest(whole.resolve(file)));
        }
        assertThat(actual.get("robust_accuracy")).isEqualTo(expected.get("robust_accuracy"));
        assertThat(metrics(parts)).hasSize(3);
    }

    @Test
    void twoTrainingsAtOnceDoNotDisturbOneAnother() {
        List<CompletableFuture<Outcome>> both = new ArrayList<>();
        for (String name : List.of("one", "two")) {
            List<String> arguments = tiny(directory.resolve(name), "--epochs", "2");
            both.add(CompletableFuture.supplyAsync(() -> emulated(Map.of(), arguments)));
        }
        both.forEach(one -> assertThat(one.join().exitCode()).isZero());
        assertThat(digest(directory.resolve("one/model.safetensors")))
                .isEqualTo(digest(directory.resolve("two/model.safetensors")));
    }
}
