package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.format.NpyArray;
import org.saddlepoint.format.NpyType;
import org.saddlepoint.format.Npz;
import tools.jackson.databind.JsonNode;

class AttackIT {
    @TempDir
    Path directory;

    private JsonNode attack(Path out, String... more) {
        List<String> arguments = new java.util.ArrayList<>(List.of(
                "attack", Launcher.sampleRun().toString(), "--limit", "150", "--json", "--out", out.toString()));
        arguments.addAll(List.of(more));
        return Launcher.run(arguments).json();
    }

    @Test
    void theArchiveHoldsWhatItSays() throws Exception {
        Path out = directory.resolve("adv.npz");
        JsonNode json = attack(out, "--epsilon", "8/255");
        Map<String, NpyArray> arrays = Npz.read(out);
        assertThat(arrays.keySet())
                .containsExactly("x", "x_adv", "y", "label_before", "label_after", "success", "linf", "l2", "l1");
        assertThat(array(arrays, "x").shape()).containsExactly(150, 1, 28, 28);
        assertThat(array(arrays, "x_adv").type()).isEqualTo(NpyType.FLOAT32);
        assertThat(array(arrays, "y").type()).isEqualTo(NpyType.INT32);
        boolean[] success = (boolean[]) array(arrays, "success").values();
        int[] after = array(arrays, "label_after").ints();
        int[] labels = array(arrays, "y").ints();
        float[] x = array(arrays, "x").floats();
        float[] adversarial = array(arrays, "x_adv").floats();
        float[] linf = array(arrays, "linf").floats();
        int successes = 0;
        for (int i = 0; i < 150; i++) {
            assertThat(success[i]).isEqualTo(after[i] != labels[i]);
            successes += success[i] ? 1 : 0;
            double largest = 0;
            for (int k = i * 784; k < (i + 1) * 784; k++) {
                assertThat(adversarial[k]).isBetween(0f, 1f);
                largest = Math.max(largest, Math.abs((double) x[k] - adversarial[k]));
            }
            assertThat(largest).isLessThanOrEqualTo(8 / 255.0);
            assertThat((double) linf[i])
                    .isLessThanOrEqualTo(largest)
                    .isCloseTo(largest, org.assertj.core.data.Offset.offset(1e-8));
        }
        assertThat(json.get("successes").asInt()).isEqualTo(successes).isPositive();
    }

    private static NpyArray array(Map<String, NpyArray> arrays, String name) {
        return Objects.requireNonNull(arrays.get(name), name);
    }

    @Test
    void batchSizeAndThreadsChangeNoBit() {
        Path first = directory.resolve("32.npz");
        attack(first, "--batch-size", "32", "--threads", "1", "--restarts", "2");
        for (String batch : List.of("57", "256")) {
            for (String threads : List.of("1", "2")) {
                Path other = directory.resolve(batch + "-" + threads + ".npz");
                attack(other, "--batch-size", batch, "--threads", threads, "--restarts", "2");
                assertThat(Launcher.digest(other)).isEqualTo(Launcher.digest(first));
            }
        }
    }

    @Test
    void thePictureIsAPicture() throws Exception {
        Path png = directory.resolve("grid.png");
        attack(directory.resolve("adv.npz"), "--png", png.toString(), "--targeted", "3", "--epsilon", "0.2");
        var image = ImageIO.read(png.toFile());
        assertThat(image.getWidth()).isGreaterThan(900);
        assertThat(image.getHeight()).isGreaterThan(300);
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void itSaysThatNothingIsKept() {
        var outcome = Launcher.run(
                "attack", Launcher.sampleRun().toString(), "--limit", "20", "--attack", "fgsm", "--steps", "3");
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.err()).contains("nothing is kept", "--steps has no effect");
        assertThat(outcome.out()).contains("robust accuracy");
    }
}
