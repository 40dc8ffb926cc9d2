package org.saddlepoint.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.saddlepoint.attack.AttackOptions;
import org.saddlepoint.attack.AttackResult;
import org.saddlepoint.attack.Square;
import org.saddlepoint.device.Device;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Layers;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.ModelFiles;
import org.saddlepoint.model.Shape;
import org.saddlepoint.model.onnx.Models;
import org.saddlepoint.model.onnx.UnsupportedModelException;
import org.saddlepoint.reference.Values;

class OnnxRuntimeOracleTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private final Device device = Device.cpu(2);

    @AfterEach
    void close() {
        device.close();
    }

    private static Path fixture(String name) {
        try {
            return Path.of(Objects.requireNonNull(Models.class.getResource(name + ".onnx"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Of batches that are open or fixed, of any names and ranks. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "mlp",
                "cnn",
                "mlp-fixed-batch",
                "lstm-fixed-batch",
                "rows-as-steps",
                "external",
                "keras-branches"
            })
    void itTellsWhatOurOwnReaderComputes(String name) throws IOException {
        ModelFiles.Contents contents = Models.readOnnx(fixture(name));
        int n = 7;
        float[] x = Values.uniform(new Random(3), n * contents.model().input().size(), 0, 1);
        try (Classifier classifier = contents.on(device);
                OnnxRuntimeOracle file = OnnxRuntimeOracle.open(fixture(name), 2)) {
            Oracle oracle = file.on(device, classifier.input());
            float[] told = oracle.logits(x);
            float[] expected = classifier.logits(x);
            assertThat(file.notes()).isEmpty();
            assertThat(told).hasSameSizeAs(expected);
            for (int i = 0; i < told.length; i++) {
                assertThat(told[i]).isCloseTo(expected[i], within(1e-4f));
            }
            int d = classifier.input().size();
            for (int i = 0; i < n; i++) {
                float[] alone = oracle.logits(Arrays.copyOfRange(x, i * d, (i + 1) * d));
                int c = file.classes();
                assertThat(alone).containsExactly(Arrays.copyOfRange(told, i * c, (i + 1) * c));
            }
        }
    }

    /** Images of height x width x channels in the file, channels first in the data, and a softmax at the end. */
    @Test
    void imagesAreTurnedAndProbabilitiesSaid() throws IOException {
        Path keras = fixture("keras-cnn");
        try (Classifier classifier = Models.readOnnx(keras).on(device);
                OnnxRuntimeOracle file = OnnxRuntimeOracle.open(keras, 1)) {
            assertThat(file.input()).isEqualTo(Shape.of(5, 4, 3));
            assertThat(classifier.input()).isEqualTo(Shape.of(3, 5, 4));
            assertThat(file.notes()).singleElement().asString().contains("tells probabilities");
            float[] x = Values.uniform(new Random(4), 3 * 60, 0, 1);
            float[] told = file.on(device, Shape.of(3, 5, 4)).logits(x);
            float[] logits = classifier.logits(x);
            for (int i = 0; i < 3; i++) {
                double sum = 0;
                for (int c = 0; c < 5; c++) {
                    sum += Math.exp(logits[i * 5 + c]);
                }
                for (int c = 0; c < 5; c++) {
                    assertThat((double) told[i * 5 + c]).isCloseTo(Math.exp(logits[i * 5 + c]) / sum, within(1e-4));
                }
            }
            assertThatThrownBy(() -> file.on(device, Shape.of(4, 5, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith("takes inputs of 5x4x3, and examples of 4x5x3 were given");
        }
    }

    /** What the oracle itself says. */
    private static int[] labels(Oracle oracle, float[] x) {
        int c = oracle.classes();
        float[] logits = oracle.logits(x);
        int[] labels = new int[logits.length / c];
        for (int i = 0; i < logits.length; i++) {
            labels[i / c] = logits[i] > logits[i / c * c + labels[i / c]] ? i % c : labels[i / c];
        }
        return labels;
    }

    @Test
    void squareGivesTheSameBitsAtAnyBatchSize() throws IOException {
        Path onnx = directory.resolve("network.onnx");
        Model model = Model.sequential(Layers.dense(64, 32), Layers.relu(), Layers.dense(32, 10));
        try (Classifier classifier = Classifier.initialize(model, device, 5)) {
            Models.writeOnnx(classifier, Map.of("about", "this"), onnx);
        }
        Square square = Square.linf(0.05).queries(40).shape(1, 8, 8).build();
        float[] x = Values.uniform(new Random(6), 20 * 64, 0, 1);
        AttackResult[] results = new AttackResult[2];
        for (int threads = 1; threads <= 2; threads++) {
            try (OnnxRuntimeOracle file = OnnxRuntimeOracle.open(onnx, threads)) {
                assertThat(file.metadata()).containsEntry("about", "this");
                Oracle oracle = file.on(device);
                results[threads - 1] = square.run(
                        oracle,
                        x,
                        labels(oracle, x),
                        AttackOptions.DEFAULT
                                .withBatchSize(threads == 1 ? 1 : 13)
                                .withQueries(30));
            }
        }
        assertThat(results[0].successes()).isBetween(1, 19);
        assertThat(Arrays.stream(results[0].queries()).max()).hasValue(30);
        assertThat(results[1].adversarial()).containsExactly(results[0].adversarial());
        assertThat(results[1].queries()).containsExactly(results[0].queries());
    }

    @Test
    void whatOurReaderRefusesStillRuns() throws IOException {
        Path shared = fixture("keras-shared");
        assertThatThrownBy(() -> Models.readOnnx(shared)).isInstanceOf(UnsupportedModelException.class);
        try (OnnxRuntimeOracle file = OnnxRuntimeOracle.open(shared, 1)) {
            Oracle oracle = file.on(device, Shape.of(1, 6, 5));
            float[] x = Values.uniform(new Random(7), 8 * 30, 0, 1);
            AttackResult result = Square.linf(0.2).queries(10).build().run(oracle, x, labels(oracle, x));
            assertThat(result.queries()).contains(10);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gru-steps-first | has the shape [5, -1, 3]: it must be a batch, which may be open (-1), of inputs",
                "nothing | cannot load it: Protobuf parsing failed.",
            })
    void whatDoesNotServeIsSaidInOneLine(String name, String message) throws IOException {
        Path file = name.equals("nothing") ? directory.resolve("nothing.onnx") : fixture(name);
        if (name.equals("nothing")) {
            Files.write(file, new byte[] {8, 8, 58, 127});
        }
        assertThatThrownBy(() -> OnnxRuntimeOracle.open(file, 1))
                .isInstanceOfAny(MalformedFileException.class, IllegalArgumentException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message)
                .extracting(error -> String.valueOf(error.getMessage()).lines().count())
                .isEqualTo(1L);
    }

    /** The classes of this package, where ONNX Runtime is not to be found. */
    private static final class WithoutOnnxRuntime extends ClassLoader {
        WithoutOnnxRuntime() {
            super(OnnxRuntimeOracleTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("ai.onnxruntime.")) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith("org.saddlepoint.oracle.")) {
                return super.loadClass(name, resolve);
            }
            Class<?> found = findLoadedClass(name);
            if (found != null) {
                return found;
            }
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = Objects.requireNonNull(in).readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @Test
    void itSaysThatOnnxRuntimeIsMissing() throws ReflectiveOperationException {
        Method open = new WithoutOnnxRuntime()
                .loadClass(OnnxRuntimeOracle.class.getName())
                .getMethod("open", Path.class, int.class);
        assertThatThrownBy(() -> open.invoke(null, fixture("mlp"), 1))
                .isInstanceOf(InvocationTargetException.class)
                .cause()
                .hasMessageStartingWith("ONNX Runtime is not on the class path")
                .hasMessageContaining("add com.microsoft.onnxruntime:onnxruntime");
    }
}
