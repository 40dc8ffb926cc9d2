package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.cli.Launcher.Outcome;
import org.saddlepoint.format.IdxBytes;
import org.saddlepoint.format.NpyArray;
import org.saddlepoint.format.Npz;

/** Bad usage and bad input: exit code 2, one line that says what was wrong, and where help is; nothing is left behind. */
class BadInputIT {
    @TempDir
    static Path directory;

    static Stream<Arguments> badUsage() {
        return Stream.of(
                bad("", "Missing required subcommand"),
                bad("trian", "unknown command 'trian' (did you mean train?)"),
                bad("train --epsilom 0.1", "unknown option '--epsilom' (did you mean --epsilon?)"),
                bad("train extra", "unexpected argument 'extra'"),
                bad("train --epsilon=-0.1", "--epsilon is -0.1: it must be a finite number of at least 0"),
                bad("train --epsilon NaN", "'NaN' is not a finite number"),
                bad("train --epsilon 8/0", "'8/0' is not a finite number"),
                bad("train --steps 0", "--steps is 0: it must be at least 1"),
                bad("train --steps many", "'many' is not an int"),
                bad("train --step-size 0", "--step-size is 0.0: it must be a finite number above 0"),
                bad("train --epochs 0", "--epochs is 0"),
                bad("train --batch-size 0", "--batch-size is 0"),
                bad("train --learning-rate=-1", "--learning-rate is -1.0"),
                bad("train --momentum 1", "--momentum is 1.0"),
                bad("train --momentum 0.9", "it belongs to sgd alone"),
                bad("train --method fgsm --steps 7", "--steps would change nothing with --method fgsm"),
                bad("train --method standard --step-size 0.1", "--step-size would change nothing"),
                bad("train --device cpu --attack-precision tf32", "which cpu does not have: choose float32 or bf16"),
                bad("train --provider mkl", "--provider is 'mkl': choose own, cublas or cudnn"),
                bad("train --clean-share 2", "--clean-share is 2: it must lie in 0..1"),
                bad("train --threads 9999", "--threads is 9999"),
                bad("train --device cpux", "--device is 'cpux' (did you mean cpu?)"),
                bad("train --method pdg", "'pdg' is unknown (did you mean pgd?)"),
                bad("train --optimizer adma", "'adma' is unknown (did you mean adam?)"),
                bad("train --norm l3", "'l3' is unknown (did you mean l2?)"),
                bad("train --data mnits", "unknown data set \"mnits\" (did you mean mnist?)"),
                bad("train --model mlp:0", "--model is 'mlp:0': widths must be at least 1"),
                bad("train --model mpl:10", "--model is 'mpl:10' (did you mean mlp?)"),
                bad("train --method standard --compare", "--compare trains a standard model beside"),
                bad("train --data mnist-sample --validation 4000", "--validation is 4000: it must lie in 1..3999"),
                bad(
                        "train --beta 3",
                        "--beta would change nothing with --method pgd: leave it out, or choose --method trades"),
                bad("train --method trades --beta -1", "--beta is -1"),
                bad("train --method trades --restarts 2", "--restarts would change nothing with --method trades"),
                bad("train --method free --replays 0", "--replays is 0: it must lie in 1..1000"),
                bad("train --method free --steps 4", "--steps would change nothing with --method free"),
                bad("train --method free --norm l1", "--norm is l1 with --method free: choose linf or l2"),
                bad(
                        "train --replays 4",
                        "--replays would change nothing with --method pgd: leave it out, or choose --method free"),
                bad(
                        "train --method standard --no-early-stop",
                        "--early-stop would change nothing with --method standard"),
                bad("train --resume DIR/nowhere", "--resume is"),
                bad("train --resume DIR", "config.toml: no such file"),
                bad("train --config DIR/unknown.toml", "unknown key 'epsilom' (did you mean epsilon?)"),
                bad("train --config DIR/broken.toml", "line 2: not TOML"),
                bad("train --out DIR/unknown.toml/run", "unknown.toml is no directory"),
                bad("train --out /proc/run", "nothing can be written in /proc"),
                bad("train --data DIR/short", "short"),
                bad("train --data DIR/label", "labels"),
                bad("train --data DIR/nan.npz", "NaN"),
                bad("train --data DIR/pixels.npz", "1.5"),
                bad("train --data DIR/nan.npz --image-size 8", "image-size would change nothing: "),
                bad("train --data DIR --image-size 0", "--image-size is 0x0: each side must lie in 1..4096"),
                bad("train --data DIR --image-size big", "--image-size is 'big': it must be a number of pixels"),
                bad("train --data DIR --channels 2", "--channels is 2: it must be 1 (grey) or 3 (RGB)"),
                bad("train --data DIR --header maybe", "--header is 'maybe': it must be yes or no"),
                bad("train --data DIR --labels medium", "--labels is 'medium': it must be coarse or fine"),
                bad("train --data DIR --test-share 1", "--test-share is 1.0: it must lie between 0 and 1"),
                bad("train --data DIR --separator ;;", "--separator is ';;': it must be one character"),
                bad("train --data DIR/missing.csv", "missing.csv, line 2: column 1 has no value"),
                bad("train --data DIR/missing.csv --label-column 9", "missing.csv has 3 columns, give the name"),
                bad("data info DIR/unknown.toml", "unknown.toml: not an npz file, a .csv or .tsv table"),
                bad("evaluate", "Missing required parameter: 'MODEL'"),
                bad("evaluate DIR/nothing", "there is no such file or directory"),
                bad("evaluate DIR", "a directory without model.safetensors"),
                bad("evaluate DIR/short.safetensors --data mnist-sample", "short.safetensors"),
                bad("evaluate DIR/overlap.safetensors --data mnist-sample", "overlap.safetensors"),
                bad("evaluate DIR/header.safetensors --data mnist-sample", "header.safetensors"),
                bad(
                        "evaluate DIR/short.onnx --data mnist-sample",
                        "short.onnx: not an ONNX file, or one that is cut off"),
                bad("evaluate DIR/bare.safetensors --data mnist-sample", "does not say its architecture"),
                bad("evaluate DIR/bare.safetensors --model mlp:3", "--data is missing: --model mlp:3"),
                bad(
                        "evaluate DIR/bare.safetensors --model mlp:3 --data mnist-sample",
                        "holds 0 tensors, but its model"),
                bad("export RUN", "Missing required parameter: 'OUT'"),
                bad("export RUN DIR/model.pt", "its name must end in .onnx or .safetensors"),
                bad("export RUN/model.safetensors RUN/model.safetensors", "the model itself: choose another name"),
                bad("evaluate RUN --data DIR/good.npz", "model and data do not fit"),
                bad("evaluate RUN --data mnist-sample --epsilon ,", "--epsilon holds no number"),
                bad("evaluate RUN --attack pdg", "'pdg' is unknown (did you mean pgd?)"),
                bad("evaluate RUN --black-box gradients", "'gradients' is unknown"),
                bad(
                        "evaluate RUN --black-box logits --attack pgd",
                        "--attack is pgd, which needs gradients, but --black-box is logits: choose square, nes, "),
                bad("evaluate RUN --black-box logits --attack autoattack", "--attack is autoattack, which needs"),
                bad("evaluate RUN --black-box labels --attack square", "needs logits, but --black-box is labels"),
                bad(
                        "evaluate RUN --black-box labels --attack transfer --substitute mpl:9",
                        "--substitute is 'mpl:9' (did you mean mlp?)"),
                bad(
                        "evaluate RUN --black-box labels --attack transfer --substitute-queries 0",
                        "--substitute-queries is 0: it must be at least 1"),
                bad("evaluate RUN --black-box logits --queries 0", "--queries is 0: it must be at least 1"),
                bad(
                        "evaluate DIR/short.onnx --black-box logits --data mnist-sample",
                        "short.onnx: ONNX Runtime cannot load it: Protobuf parsing failed."),
                bad("evaluate RUN --epsilon 8", "--epsilon is 8: in linf it must lie in 0..1"),
                bad("train --epsilon 8", "--epsilon is 8: in linf it must lie in 0..1"),
                bad(
                        "evaluate RUN --targeted 7 --limit 1",
                        "--targeted is 7: all 1 examples are of that class, and only those of other classes"),
                bad("attack RUN --targeted 10", "--targeted is 10: it must lie in 0..9"),
                bad(
                        "attack RUN --attack hop-skip-jump --targeted 3",
                        "--targeted is 3: hop-skip-jump has no form that seeks one class; pgd, bim, fgsm, mi-fgsm, cw and nes have"),
                bad("attack RUN --attack nes --norm l1 --epsilon 1", "--norm is l1: nes is there for linf and l2"),
                bad("attack RUN --attack nes --queries 0", "--queries is 0: it must be at least 1"),
                bad("attack RUN --attack fgsm,pgd", "give one"),
                bad("attack RUN --attack cw --norm linf", "--norm is linf: cw is there for l2"),
                bad(
                        "evaluate RUN --attack mi-fgsm --norm l1 --epsilon 1",
                        "--norm is l1: mi-fgsm is there for linf and l2"),
                bad("attack RUN --out DIR/nowhere/adv.npz", "is no directory: create it first"),
                bad("attack RUN --out DIR", "a directory: give the name of a file in it"),
                bad("attack RUN --out DIR/model.onnx", "its name must end in .npz"),
                bad("attack RUN --png /dev/null", "which is no regular file: choose another name"),
                bad("export RUN DIR/nowhere/model.onnx", "is no directory: create it first"),
                bad("data fetch mnits", "unknown data set \"mnits\" (did you mean mnist?)"));
    }

    private static Arguments bad(String arguments, String message) {
        return Arguments.of(arguments, message);
    }

    @BeforeAll
    static void makeFiles() throws IOException {
        Files.writeString(directory.resolve("unknown.toml"), "epsilom = 0.1\n");
        Files.writeString(directory.resolve("broken.toml"), "epochs = 1\nsteps ==\n");
        byte[] pixels = new byte[6 * 4];
        idx(Files.createDirectory(directory.resolve("label")), IdxBytes.of(new int[] {5}, new byte[5]), pixels);
        idx(
                Files.createDirectory(directory.resolve("short")),
                IdxBytes.of(new int[] {6}, new byte[6]),
                Arrays.copyOf(pixels, 20));
        Files.writeString(directory.resolve("missing.csv"), "1,2,a\n,3,b\n");
        npz("good.npz", 0.5f);
        npz("nan.npz", Float.NaN);
        npz("pixels.npz", 1.5f);
        byte[] model = Files.readAllBytes(Launcher.sampleRun().resolve("model.safetensors"));
        Files.write(directory.resolve("short.safetensors"), Arrays.copyOf(model, model.length - 100));
        safetensors(
                "overlap.safetensors",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                        + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
                12);
        Files.writeString(directory.resolve("short.onnx"), "\b\b:\u007f");
        safetensors("bare.safetensors", "{}", 0);
        Files.write(
                directory.resolve("header.safetensors"),
                ByteBuffer.allocate(16)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(Long.MAX_VALUE)
                        .array());
    }

    private static void idx(Path into, byte[] labels, byte[] pixels) throws IOException {
        byte[] images = IdxBytes.of(new int[] {6, 2, 2}, pixels);
        Files.write(into.resolve("train-images-idx3-ubyte"), images);
        Files.write(into.resolve("train-labels-idx1-ubyte"), labels);
        Files.write(into.resolve("t10k-images-idx3-ubyte"), images);
        Files.write(into.resolve("t10k-labels-idx1-ubyte"), labels);
    }

    private static void npz(String name, float value) throws IOException {
        float[] x = new float[12 * 4];
        x[7] = value;
        Npz.write(directory.resolve(name), Map.of("x", NpyArray.of(x, 12, 4), "y", NpyArray.of(new int[12], 12)));
    }

    private static void safetensors(String name, String header, int data) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        Files.write(
                directory.resolve(name),
                ByteBuffer.allocate(8 + text.length + data)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(text.length)
                        .put(text)
                        .array());
    }

    @ParameterizedTest
    @MethodSource("badUsage")
    void isRefusedInOneLine(String arguments, String message) {
        String words = arguments
                .replace("DIR", directory.toString())
                .replace("RUN", Launcher.sampleRun().toString());
        Outcome outcome = Launcher.run(words.isEmpty() ? new String[0] : words.split(" "));
        assertThat(outcome.exitCode()).as("%s", outcome).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().lines()).hasSize(2);
        assertThat(outcome.err().lines().findFirst())
                .hasValueSatisfying(
                        line -> assertThat(line).startsWith("saddlepoint").contains(message));
        assertThat(outcome.err()).contains("see 'saddlepoint").contains("--help'");
        assertThat(Path.of("runs", "nothing")).doesNotExist();
    }
}
