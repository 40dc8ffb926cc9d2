package org.saddlepoint.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.model.ModelFiles;
import org.saddlepoint.reference.ModelReference;

/** Networks of PyTorch and of Keras' kind: logits and input gradients are what PyTorch computes. */
class OnnxFixturesTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    static List<String> names() throws IOException {
        return Fixture.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void logitsAndGradientsArePyTorchs(String name) throws IOException {
        Fixture fixture = Fixture.of(name);
        compare(fixture, Models.readOnnx(fixture.file()));
    }

    @ParameterizedTest
    @MethodSource("names")
    void whatIsWrittenRunsElsewhereAndReadsBack(String name) throws Exception {
        Fixture fixture = Fixture.of(name);
        ModelFiles.Contents read = Models.readOnnx(fixture.file());
        Path file = directory.resolve("written.onnx");
        Models.writeOnnx(read, file);
        float[] logits = OnnxRuntime.run(file, read.model().input(), fixture.x());
        Fixture.assertClose("logits of ONNX Runtime", Fixture.doubles(logits), fixture.logits());
        compare(fixture, Models.read(file));
    }

    private static void compare(Fixture fixture, ModelFiles.Contents contents) {
        ModelReference reference = new ModelReference(contents.model(), Fixture.doubles(contents.parameters()));
        int classes = contents.model().classes();
        int size = contents.model().input().size();
        double[] logits = new double[fixture.count() * classes];
        double[] gradient = new double[fixture.count() * size];
        for (int i = 0; i < fixture.count(); i++) {
            double[] x = fixture.example(i);
            int label = fixture.labels()[i];
            System.arraycopy(reference.logits(x), 0, logits, i * classes, classes);
            double[] dx = reference.gradients(LossKind.CROSS_ENTROPY, x, label).input();
            System.arraycopy(dx, 0, gradient, i * size, size);
        }
        Fixture.assertClose("logits of " + contents.model(), logits, fixture.logits());
        Fixture.assertClose("input gradient of " + contents.model(), gradient, fixture.gradient());
    }

    @Test
    void thereAreFixturesOfEveryKind() throws IOException {
        assertThat(Fixture.names()).hasSizeGreaterThan(35);
    }
}
