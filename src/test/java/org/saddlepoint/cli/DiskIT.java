package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.cli.Launcher.Outcome;
import org.saddlepoint.format.NpyArray;
import org.saddlepoint.format.Npz;
import org.saddlepoint.reference.Values;

/** Disks that are full: one line, exit code 1, and no part of a file. */
class DiskIT {
    /** In KiB: enough for the native library to be unpacked. */
    private static final int LIMIT = 3000;

    @TempDir
    Path directory;

    /** Runs a shell command in which files can grow to so many KiB only. */
    private static Outcome limited(int kilobytes, List<String> arguments) {
        String command = "ulimit -f " + kilobytes + " && exec \"$0\" \"$@\"";
        List<String> words = new java.util.ArrayList<>(List.of("bash", "-c", command, Launcher.PROGRAM.toString()));
        words.addAll(arguments);
        return Launcher.runCommand(new ProcessBuilder(words));
    }

    @Test
    void aRunThatDoesNotFitSaysSo() throws Exception {
        Path run = directory.resolve("run");
        Outcome outcome = limited(LIMIT, Launcher.smallTraining(run, "--quiet", "--model", "mlp:2048"));
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err().lines()).hasSize(1);
        assertThat(outcome.err()).contains("cannot write into " + run, "too large");
        try (var files = Files.list(run)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("config.toml", "metrics.jsonl");
        }
    }

    @Test
    void anArchiveThatDoesNotFitLeavesNothing() throws Exception {
        Path data = directory.resolve("data.npz");
        Npz.write(data, noise());
        Path out = directory.resolve("adv.npz");
        Outcome outcome = limited(
                LIMIT,
                List.of(
                        "attack",
                        Launcher.sampleRun().toString(),
                        "--data",
                        data.toString(),
                        "--quiet",
                        "--out",
                        out.toString()));
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err().lines()).hasSize(1);
        assertThat(outcome.err()).contains("cannot write", "too large");
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(data);
        }
    }

    /** Images whose adversarial examples no compression makes as small as the limit. */
    private static Map<String, NpyArray> noise() {
        int n = 2000;
        float[] x = Values.uniform(new Random(1), n * 784, 0, 1);
        int[] labels = Values.below(new Random(2), n, 10);
        return Map.of(
                "x_train", NpyArray.of(Arrays.copyOf(x, 20 * 784), 20, 28, 28),
                "y_train", NpyArray.of(Arrays.copyOf(labels, 20), 20),
                "x_test", NpyArray.of(x, n, 28, 28),
                "y_test", NpyArray.of(labels, n));
    }

    @Test
    void aTemporaryDirectoryThatIsMissingIsNamed() {
        ProcessBuilder builder = new ProcessBuilder(Launcher.PROGRAM.toString(), "info", "--quiet");
        builder.environment().put("TMPDIR", directory.resolve("nowhere").toString());
        Outcome outcome = Launcher.runCommand(builder);
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err().lines().filter(line -> line.startsWith("saddlepoint info: cannot unpack")))
                .hasSize(1);
    }

    @Test
    void aFullDiskSaysSo() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        String mount = "mount -t tmpfs -o size=256k tmpfs '" + disk + "'";
        Outcome possible = Launcher.runCommand(new ProcessBuilder("unshare", "-m", "sh", "-c", mount));
        assumeTrue(possible.exitCode() == 0, "mounting a small disk is not permitted here: " + possible.err());
        List<String> words = new java.util.ArrayList<>(
                List.of("unshare", "-m", "sh", "-c", mount + " && exec \"$0\" \"$@\"", Launcher.PROGRAM.toString()));
        words.addAll(Launcher.smallTraining(disk.resolve("run"), "--quiet"));
        Outcome outcome = Launcher.runCommand(new ProcessBuilder(words));
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err().lines()).hasSize(1);
        assertThat(outcome.err()).contains("cannot write into", "No space left on device");
    }

    @Test
    void aCacheThatCannotBeWrittenNamesTheWayOut() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        ProcessBuilder builder = new ProcessBuilder(
                Launcher.PROGRAM.toString(),
                "train",
                "--out",
                directory.resolve("run").toString());
        builder.environment().put("SADDLEPOINT_CACHE", file.resolve("cache").toString());
        Outcome outcome = Launcher.runCommand(builder);
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err().lines()).hasSize(1);
        assertThat(outcome.err()).contains("SADDLEPOINT_CACHE");
        assertThat(directory.resolve("run")).doesNotExist();
    }
}
