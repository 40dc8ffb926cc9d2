package org.saddlepoint.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.averagePool;
import static org.saddlepoint.model.Layers.batchNorm;
import static org.saddlepoint.model.Layers.clippedRelu;
import static org.saddlepoint.model.Layers.conv;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.dropout;
import static org.saddlepoint.model.Layers.flatten;
import static org.saddlepoint.model.Layers.globalAveragePool;
import static org.saddlepoint.model.Layers.layerNorm;
import static org.saddlepoint.model.Layers.leakyRelu;
import static org.saddlepoint.model.Layers.maxPool;
import static org.saddlepoint.model.Layers.normalize;
import static org.saddlepoint.model.Layers.recurrent;
import static org.saddlepoint.model.Layers.relu;
import static org.saddlepoint.model.Layers.reshape;
import static org.saddlepoint.model.Layers.residual;
import static org.saddlepoint.model.Layers.sigmoid;
import static org.saddlepoint.model.Layers.tanh;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.Pooling;
import org.saddlepoint.device.Recurrence.Kind;
import org.saddlepoint.device.Window;
import org.saddlepoint.model.Branches;
import org.saddlepoint.model.Conv2d;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.Models;
import org.saddlepoint.model.Pool2d;
import org.saddlepoint.model.Recurrent;
import org.saddlepoint.model.Scale;
import org.saddlepoint.model.Shape;

/**
 * The reference's gradients are those of its values: central differences in double. With h = 1e-6 the truncation is of
 * order h^2 and the rounding of order 1e-16 / h, so values of order 1 agree to 1e-8 with room.
 */
class FiniteDifferencesTest {
    private static final double H = 1e-6;
    private static final double TOLERANCE = 1e-8;

    @ParameterizedTest
    @EnumSource(LossKind.class)
    void losses(LossKind kind) {
        Random random = new Random(1);
        for (int c : new int[] {2, 3, 10}) {
            double[] z = Values.widen(Values.uniform(random, c, -3, 3));
            for (int y = 0; y < c; y++) {
                int label = y;
                assertThat(LossReference.gradient(kind, z, y))
                        .containsExactly(differences(v -> LossReference.value(kind, v, label), z), within());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Activation.Kind.class)
    void activations(Activation.Kind kind) {
        Activation activation = ActivationReference.example(kind);
        for (double x = -2.95; x < 3; x += 0.1) {
            double slope = differences(v -> ActivationReference.value(activation, v[0]), new double[] {x})[0];
            assertThat(ActivationReference.derivative(activation, ActivationReference.value(activation, x)))
                    .isCloseTo(slope, within());
        }
    }

    static Stream<List<Layer>> models() {
        return Stream.of(
                List.of(dense(12, 4)),
                List.of(dense(12, 7), relu(), dense(7, 4)),
                List.of(dense(12, 5), leakyRelu(0.1f), dense(5, 6), sigmoid(), dense(6, 3)),
                List.of(normalize(new float[] {0.3f, 0.5f, 0.7f}, new float[] {0.2f, 1f, 3f}), dense(12, 3), tanh()),
                List.of(tanh(), flatten(), sigmoid(), leakyRelu(0.3f), dense(12, 2)),
                List.of(conv(3, 4, 2, 1, 1), relu(), maxPool(2), flatten(), dense(4, 3)),
                List.of(
                        new Conv2d(3, 6, new Window(2, 1, 1, 2, 1, 0, 0, 2, 1, 2), 3, false),
                        batchNorm(6),
                        tanh(),
                        globalAveragePool()),
                List.of(residual(conv(3, 3, 3, 1, 1), tanh(), batchNorm(3)), averagePool(2), dense(3, 2)),
                List.of(
                        new Branches(List.of(List.of(conv(3, 2, 1, 1, 0)), List.of()), Branches.Join.CONCATENATE),
                        new Scale(List.of(1f, 2f, -1f, 0.5f, 3f), List.of(0f, 1f, 0f, 2f, 0f)),
                        clippedRelu(1.5f),
                        new Pool2d(Pool2d.Kind.AVERAGE, Window.square(2, 1, 1), false),
                        globalAveragePool()),
                List.of(layerNorm(2, 2), dropout(0.5f), flatten(), dense(12, 2)),
                List.of(reshape(4, 3), new Recurrent(Kind.RNN_TANH, 3, 4, true), flatten(), dense(16, 2)),
                List.of(reshape(4, 3), recurrent(Kind.RNN_RELU, 3, 5), dense(5, 2)),
                List.of(reshape(4, 3), new Recurrent(Kind.LSTM, 3, 2, true), recurrent(Kind.LSTM, 2, 3)),
                List.of(reshape(4, 3), new Recurrent(Kind.GRU, 3, 2, true), recurrent(Kind.GRU, 2, 3)));
    }

    @ParameterizedTest
    @MethodSource("models")
    void wholeModels(List<Layer> layers) {
        Model model = new Model(Shape.of(3, 2, 2), layers);
        Random random = new Random(2);
        double[] parameters = Values.widen(Models.parameters(model, random, 1));
        int trained = (int) model.parameterCount();
        double[] x = Values.widen(Values.uniform(random, 12, 0, 1));
        for (LossKind kind : LossKind.values()) {
            ModelReference.Gradients actual = new ModelReference(model, parameters).gradients(kind, x, 1);
            assertThat(actual.input())
                    .containsExactly(
                            differences(v -> new ModelReference(model, parameters).loss(kind, v, 1), x), within());
            double[] slopes = differences(v -> new ModelReference(model, v).loss(kind, x, 1), parameters);
            assertThat(Arrays.copyOf(actual.parameters(), trained))
                    .containsExactly(Arrays.copyOf(slopes, trained), within());
        }
    }

    static Stream<Convolution> convolutions() {
        return Stream.of(
                new Convolution(2, 5, 4, 3, Window.square(3, 1, 1), 1, false),
                new Convolution(2, 5, 4, 3, new Window(2, 3, 2, 1, 1, 0, 0, 2, 2, 1), 1, true),
                new Convolution(4, 4, 5, 6, Window.square(3, 2, 1), 2, false),
                new Convolution(3, 4, 4, 3, Window.square(2, 1, 0), 3, true));
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void convolution(Convolution shape) {
        Random random = new Random(3);
        double[] x = Values.widen(Values.uniform(random, 2 * shape.inputSize(), -1, 1));
        double[] w = Values.widen(Values.uniform(random, shape.weightSize(), -1, 1));
        double[] b = Values.widen(Values.uniform(random, shape.filters(), -1, 1));
        double[] dy = Values.widen(Values.uniform(random, 2 * shape.outputSize(), -1, 1));
        assertThat(ConvolutionReference.inputGradient(2, shape, dy, w))
                .containsExactly(
                        differences(v -> dot(dy, ConvolutionReference.forward(2, shape, v, w, b)), x), within());
        assertThat(ConvolutionReference.weightGradient(2, shape, x, dy))
                .containsExactly(
                        differences(v -> dot(dy, ConvolutionReference.forward(2, shape, x, v, b)), w), within());
        assertThat(ConvolutionReference.biasGradient(shape, dy))
                .containsExactly(
                        differences(v -> dot(dy, ConvolutionReference.forward(2, shape, x, w, v)), b), within());
    }

    @Test
    void pooling() {
        Random random = new Random(4);
        for (boolean countPadding : new boolean[] {false, true}) {
            Window window = new Window(3, 2, 2, 1, 1, 1, 2, 0, 1, 2);
            Pooling shape = new Pooling(3, 6, 5, window, countPadding);
            double[] x = Values.widen(Values.uniform(random, 2 * shape.inputSize(), -1, 1));
            double[] dy = Values.widen(Values.uniform(random, 2 * shape.outputSize(), -1, 1));
            int[] chosen = PoolingReference.chosen(2, shape, x);
            assertThat(PoolingReference.maxGradient(2, shape, dy, chosen))
                    .containsExactly(
                            differences(
                                    v -> dot(
                                            dy,
                                            PoolingReference.max(2, shape, v, PoolingReference.chosen(2, shape, v))),
                                    x),
                            within());
            assertThat(PoolingReference.averageGradient(2, shape, dy))
                    .containsExactly(differences(v -> dot(dy, PoolingReference.average(2, shape, v)), x), within());
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static Offset<Double> within() {
        return Offset.offset(TOLERANCE);
    }

    private static double[] differences(ToDoubleFunction<double[]> function, double[] at) {
        double[] out = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            double[] above = Arrays.copyOf(at, at.length);
            double[] below = Arrays.copyOf(at, at.length);
            above[i] += H;
            below[i] -= H;
            out[i] = (function.applyAsDouble(above) - function.applyAsDouble(below)) / (2 * H);
        }
        return out;
    }
}
