package org.saddlepoint.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.Recurrence;
import org.saddlepoint.device.Window;
import org.saddlepoint.model.BatchNorm;
import org.saddlepoint.model.Branches;
import org.saddlepoint.model.Conv2d;
import org.saddlepoint.model.Dropout;
import org.saddlepoint.model.GlobalAveragePool;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.LayerNorm;
import org.saddlepoint.model.Layers;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.ModelFiles;
import org.saddlepoint.model.Pool2d;
import org.saddlepoint.model.Recurrent;
import org.saddlepoint.model.Reshape;
import org.saddlepoint.model.Scale;
import org.saddlepoint.model.Shape;
import org.saddlepoint.model.TensorSpec;
import org.saddlepoint.reference.ModelReference;

/** Every layer, written as ONNX, computes in ONNX Runtime what the reference computes, and reads back as itself. */
class OnnxExportTest {
    private static final int BATCH = 3;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    static Stream<Model> models() {
        Window odd = new Window(3, 2, 2, 1, 1, 0, 2, 1, 1, 2);
        Window dilated = new Window(2, 2, 1, 1, 1, 0, 0, 1, 2, 1);
        Layer residual = new Branches(
                List.of(
                        List.of(conv(2, 2, Window.square(3, 1, 1)), Layers.relu(), conv(2, 2, Window.square(1, 1, 0))),
                        List.of()),
                Branches.Join.ADD);
        Layer inception = new Branches(
                List.of(
                        List.of(conv(2, 3, Window.square(3, 1, 1)), new BatchNorm(3, 1e-3f, 0.1f)),
                        List.of(residual, Layers.tanh()),
                        List.of()),
                Branches.Join.CONCATENATE);
        return Stream.of(
                image(new Scale(List.of(2f, -3f), List.of(0.5f, 0.25f)), Layers.clippedRelu(0.75f)),
                image(Layers.normalize(new float[] {0.3f, 0.4f}, new float[] {0.2f, 0.5f}), Layers.leakyRelu(0.125f)),
                image(Layers.normalize(0.5f, 0.25f), Layers.sigmoid(), new Scale(List.of(2f), List.of(-1f))),
                image(new Conv2d(2, 4, odd, 2, false), Layers.relu(), conv(4, 2, dilated)),
                image(new Pool2d(Pool2d.Kind.MAX, Window.square(3, 2, 1), false)),
                image(new Pool2d(Pool2d.Kind.MAX, dilated, false)),
                image(new Pool2d(Pool2d.Kind.AVERAGE, Window.square(3, 2, 1), true)),
                image(new Pool2d(Pool2d.Kind.AVERAGE, new Window(3, 3, 1, 2, 1, 0, 0, 1, 1, 1), false)),
                image(new Pool2d(Pool2d.Kind.AVERAGE, dilated, true)),
                image(new BatchNorm(2, 1e-2f, 0.3f), new GlobalAveragePool(), new BatchNorm(2, 1e-5f, 0.1f)),
                image(new LayerNorm(List.of(5, 4), 1e-5f), new LayerNorm(List.of(2, 5, 4), 1e-3f)),
                image(inception, new Dropout(0.25f), residualOf(7)),
                image(
                        new Layer.Flatten(),
                        new LayerNorm(List.of(40), 1e-5f),
                        new Reshape(Shape.of(4, 10)),
                        lstm(10, 3)),
                image(
                        new Reshape(Shape.of(8, 5)),
                        new Recurrent(Recurrence.Kind.GRU, 5, 4, true),
                        new Recurrent(Recurrence.Kind.RNN_RELU, 4, 3, true),
                        new Recurrent(Recurrence.Kind.RNN_TANH, 3, 4, false)));
    }

    private static Conv2d conv(int in, int out, Window window) {
        return new Conv2d(in, out, window, 1, true);
    }

    private static Layer lstm(int in, int hidden) {
        return new Recurrent(Recurrence.Kind.LSTM, in, hidden, false);
    }

    private static Layer residualOf(int channels) {
        return new Branches(
                List.of(List.of(), List.of(conv(channels, channels, Window.square(3, 1, 1)))), Branches.Join.ADD);
    }

    /** The layers, of an image of 2x5x4, and a dense one behind them. */
    private static Model image(Layer... layers) {
        Shape input = Shape.of(2, 5, 4);
        Shape shape = input;
        for (Layer layer : layers) {
            shape = layer.output(shape);
        }
        return new Model(
                input,
                Stream.concat(Stream.of(layers), Stream.of(Layers.dense(shape.size(), 3)))
                        .toList());
    }

    /** Small values, variances among them, so that all are positive where they must be. */
    private static float[] parameters(Model model) {
        float[] all = new float
                [Math.toIntExact(model.parameterCount())
                        + model.statistics().stream().mapToInt(TensorSpec::size).sum()];
        int trainable = Math.toIntExact(model.parameterCount());
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) (i < trainable ? Math.sin(i * 0.7) * 0.4 : 0.5 + 0.3 * Math.sin(i));
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("models")
    void runsElsewhereAndReadsBack(Model model) throws Exception {
        ModelFiles.Contents contents =
                new ModelFiles.Contents(model, parameters(model), Map.of("saddlepoint.data", "mnist"));
        Path file = directory.resolve("model.onnx");
        Models.writeOnnx(contents, file);
        float[] x = new float[BATCH * model.input().size()];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) Math.cos(i * 1.3);
        }
        Fixture.assertClose("reference", reference(contents, x), OnnxRuntime.run(file, model.input(), x));

        ModelFiles.Contents again = Models.read(file);
        assertThat(again.metadata()).isEqualTo(contents.metadata());
        float[] rounded = new float[BATCH * model.classes()];
        double[] logits = reference(contents, x);
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = (float) logits[i];
        }
        Fixture.assertClose("read again", reference(again, x), rounded);
    }

    private static double[] reference(ModelFiles.Contents contents, float[] x) {
        ModelReference reference = new ModelReference(contents.model(), Fixture.doubles(contents.parameters()));
        int size = contents.model().input().size();
        int classes = contents.model().classes();
        double[] logits = new double[BATCH * classes];
        for (int i = 0; i < BATCH; i++) {
            double[] one = new double[size];
            for (int j = 0; j < size; j++) {
                one[j] = x[i * size + j];
            }
            System.arraycopy(reference.logits(one), 0, logits, i * classes, classes);
        }
        return logits;
    }

    @Test
    void layersReadBackAsThemselves() throws IOException {
        Model model = new Model(
                Shape.of(1, 8, 8),
                List.of(
                        conv(1, 4, Window.square(3, 2, 1)),
                        new BatchNorm(4, 1e-5f, 0.125f),
                        Layers.relu(),
                        residualOf(4),
                        new Pool2d(Pool2d.Kind.MAX, Window.square(2, 2, 0), false),
                        Layers.flatten(),
                        Layers.dense(16, 8),
                        new Dropout(0.5f),
                        Layers.tanh(),
                        Layers.dense(8, 3)));
        ModelFiles.Contents contents = new ModelFiles.Contents(model, parameters(model), Map.of());
        Path file = directory.resolve("model.onnx");
        Models.writeOnnx(contents, file);
        ModelFiles.Contents again = Models.readOnnx(file);
        assertThat(again.model()).isEqualTo(model);
        assertThat(again.parameters()).isEqualTo(contents.parameters());
    }

    @Test
    void equalContentGivesEqualBytesAndNothingIsLeftBeside() throws IOException {
        Model model = image(residualOf(2));
        ModelFiles.Contents contents = new ModelFiles.Contents(model, parameters(model), Map.of("a", "b"));
        Models.writeOnnx(contents, directory.resolve("one.onnx"));
        Models.writeOnnx(contents, directory.resolve("two.onnx"));
        assertThat(directory.resolve("one.onnx")).hasSameBinaryContentAs(directory.resolve("two.onnx"));
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).hasSize(2);
        }
    }
}
