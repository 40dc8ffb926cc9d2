package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceOptions;

/** What only a new process shows: natives that are unpacked, and machines that lack something. */
@Tag("cuda")
class CudaProcessesTest {
    @TempDir
    private Path temporary;

    /** Opens a device and computes one value. */
    static final class Probe {
        private Probe() {}

        public static void main(String[] args) {
            System.out.println("absent: " + Device.absences());
            System.out.println("best: " + Device.best().name());
            if (!args[0].isEmpty()) {
                try (Device device = Device.open(args[0], DeviceOptions.DEFAULT);
                        BufferArena arena = device.arena()) {
                    System.out.println(device.name() + " " + arena.floats(2).floats(2)[1]);
                } catch (IllegalArgumentException e) {
                    System.out.println("refused: " + e.getMessage());
                }
            }
        }
    }

    private Process start(String device, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Probe.class.getName(),
                        device)
                .redirectErrorStream(true);
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static String output(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void processesThatStartAtOnceDoNotDisturbOneAnotherNorDoesATruncatedLeftOver() throws Exception {
        Emulated.hardware();
        // What JCuda itself would have loaded.
        Path leftOver = temporary.resolve("libJCudaDriver-12.6.0-linux-x86_64.so");
        Files.write(leftOver, new byte[1000]);
        List<Process> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            all.add(start("cuda", Map.of()));
        }
        for (Process process : all) {
            assertThat(output(process)).contains("cuda:0 0.0");
        }
        try (var files = Files.list(temporary)) {
            assertThat(files).containsExactly(leftOver);
        }
    }

    @Test
    void anEmulatedDeviceIsNeverPickedByItself() throws Exception {
        Emulated.hardware();
        assertThat(output(start("", Map.of()))).contains("absent: []", "best: cpu");
    }

    @Test
    void aMissingDriverIsOneLine() throws Exception {
        Emulated.hardware();
        assertThat(output(start("cuda", Map.of("LD_LIBRARY_PATH", "/nowhere"))))
                .contains(
                        "absent: [no CUDA device: no NVIDIA driver: libcuda.so.1 was not found]",
                        "best: cpu",
                        "refused: there is no device 'cuda' here: no CUDA device: no NVIDIA driver");
    }

    @Test
    void aDriverThatIsTooOldSaysWhichIsNeeded() throws Exception {
        Emulated.hardware();
        assertThat(output(start("cuda:0", Map.of("EMU_DRIVER_VERSION", "12020"))))
                .contains(
                        "the NVIDIA driver is too old: it serves CUDA 12.2, and 12.6 or newer is needed", "best: cpu");
    }

    @Test
    void autoTakesADriverOfTheCompilersMajorVersionAlone() {
        assertThat(KernelModule.compiler("13.0")).isEqualTo(13);
        assertThat(KernelModule.compiler("")).isZero();
        CudaHardware older = new CudaHardware(0, "a GPU", 9, 0, 1L << 30, 132, 232448, 12080);
        assertThat(older.takesKernelsOf(13)).isFalse();
        assertThat(older.takesKernelsOf(12)).isTrue();
        assertThat(older.takesKernelsOf(0)).isTrue();
    }

    @Test
    void aMachineWithADriverAndNoGpuSaysSo() throws Exception {
        Emulated.hardware();
        assertThat(output(start("cuda", Map.of("EMU_DEVICES", "0"))))
                .contains("no CUDA device: the NVIDIA driver finds no GPU", "best: cpu");
    }

    @Test
    void aGpuThatIsTooOldIsLeftOut() throws Exception {
        Emulated.hardware();
        assertThat(output(start("cuda", Map.of("EMU_CC", "75"))))
                .contains("has compute capability 7.5, and 8.0 or newer is needed]", "best: cpu", "refused:");
        assertThat(output(start("cuda:1", Map.of("EMU_DEVICES", "2", "EMU_CC", "75,90"))))
                .contains("cuda:1 0.0");
    }

    @Test
    void theSecondOfTwoDevicesHasItsOwnName() throws Exception {
        Emulated.hardware();
        assertThat(output(start("cuda:1", Map.of("EMU_DEVICES", "2", "EMU_CC", "90,90"))))
                .contains("cuda:1 0.0");
        assertThat(output(start("cuda:1", Map.of()))).contains("refused: there is no device 'cuda:1'");
    }
}
