package org.saddlepoint.device.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading the native library in processes of their own. */
class NativeLibraryTest {
    @Test
    void tenProcessesAtOnceLoadItBesideALeftOver(@TempDir Path directory) throws IOException, InterruptedException {
        byte[] truncated = {0x7f, 'E', 'L', 'F'};
        Files.write(directory.resolve("saddlepoint-0-libsaddlepoint_cpu.so"), truncated);
        Files.write(directory.resolve("libsaddlepoint_cpu.so"), truncated);
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            processes.add(start(directory));
        }
        for (Process process : processes) {
            assertThat(output(process)).isEqualTo(ForwardPass.logits());
            assertThat(process.waitFor()).isZero();
        }
        try (var left = Files.list(directory)) {
            assertThat(left).hasSize(2); // the left-overs; each process removed its own
        }
    }

    @Test
    void aDirectoryThatCannotBeWrittenSaysWhatToPass(@TempDir Path directory) throws IOException, InterruptedException {
        Path file = Files.createFile(directory.resolve("file"));
        requireMessage(start(file), "cannot unpack libsaddlepoint_cpu.so into " + file);
    }

    @Test
    void aDirectoryThatForbidsExecutionSaysWhatToPass() throws IOException, InterruptedException {
        Path directory = Path.of("/dev/shm");
        try (var mounts = Files.lines(Path.of("/proc/mounts"))) {
            assumeTrue(
                    mounts.anyMatch(line -> line.matches("\\S+ /dev/shm \\S+ (\\S+,)?noexec.*")),
                    "/dev/shm is not mounted noexec here");
        }
        requireMessage(start(directory), "cannot load libsaddlepoint_cpu.so from " + directory);
    }

    /** The first line, but for the run-time's warnings, is the whole message: no wrapping exception hides it. */
    private static void requireMessage(Process process, String message) throws IOException, InterruptedException {
        assertThat(output(process)
                        .lines()
                        .filter(line -> !line.startsWith("WARNING"))
                        .findFirst())
                .hasValueSatisfying(line -> assertThat(line)
                        .contains("IllegalStateException: " + message)
                        .contains("choose another", "with -Djava.io.tmpdir=DIR"));
        assertThat(process.waitFor()).isNotZero();
    }

    private static Process start(Path temporary) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        ForwardPass.class.getName())
                .redirectErrorStream(true)
                .start();
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }
}
