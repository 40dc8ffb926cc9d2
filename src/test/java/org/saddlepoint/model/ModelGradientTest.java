package org.saddlepoint.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceKind;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.reference.ModelReference;
import org.saddlepoint.reference.Values;

/**
 * Whole models against the reference. Values and weights are of order 1 and chains of products at most 40 + 40 + 40 long,
 * so a thousand roundings of order 1 bound every error.
 */
@Tag("cuda")
class ModelGradientTest {
    private static final int N = 13;
    private static final Offset<Double> WITHIN = Offset.offset(1000 * Values.ROUNDOFF);

    static Stream<Arguments> modelsOnDevices() {
        return DeviceKind.tested()
                .flatMap(kind -> Stream.concat(Models.all(), Models.convolutionalAndRecurrent())
                        .map(model -> Arguments.of(kind, model)));
    }

    @ParameterizedTest
    @MethodSource("modelsOnDevices")
    void lossAndGradientsAgreeWithTheReference(DeviceKind kind, Model model) {
        Random random = new Random(5);
        float[] parameters = Models.parameters(model, random, 0.5);
        float[] x = Values.uniform(random, N * 30, 0, 1);
        int[] labels = Values.below(random, N, model.classes());
        ModelReference reference = new ModelReference(model, Values.widen(parameters));
        try (Device device = kind.open(2);
                Classifier classifier = Classifier.of(model, device, parameters)) {
            float[] logits = classifier.logits(x);
            for (Loss loss : new Loss[] {Losses.CROSS_ENTROPY, Losses.MEAN_SQUARED_ERROR, Losses.MARGIN}) {
                LossKind lossKind = loss.kind().orElseThrow();
                Classifier.LossGradient actual = classifier.lossGradient(x, labels, loss);
                double[] sum = new double[parameters.length];
                for (int i = 0; i < N; i++) {
                    double[] input = Values.widen(Arrays.copyOfRange(x, i * 30, (i + 1) * 30));
                    ModelReference.Gradients expected = reference.gradients(lossKind, input, labels[i]);
                    assertClose(logits, i, reference.logits(input));
                    assertClose(actual.loss(), i, reference.loss(lossKind, input, labels[i]));
                    assertClose(actual.gradient(), i, expected.input());
                    for (int p = 0; p < sum.length; p++) {
                        sum[p] += expected.parameters()[p] / N;
                    }
                }
                double[] trained = Arrays.copyOf(sum, (int) model.parameterCount());
                assertClose(weightGradient(classifier, x, labels, loss), 0, trained);
            }
        }
    }

    private static float[] weightGradient(Classifier classifier, float[] x, int[] labels, Loss loss) {
        try (BoundModel bound = classifier.bind(N + 3);
                BufferArena arena = classifier.device().arena()) {
            Buffer input = arena.floats(x.length);
            Buffer classes = arena.ints(N);
            input.write(x);
            classes.write(labels);
            bound.forward(N, input);
            bound.lossGradient(N, loss, classes, 1f / N, false, null);
            bound.weightGradient(N, input);
            return classifier.weights().gradient().floats((int)
                    classifier.model().parameterCount());
        }
    }

    private static void assertClose(float[] actual, int row, double... expected) {
        double[] part = Values.widen(Arrays.copyOfRange(actual, row * expected.length, (row + 1) * expected.length));
        assertThat(part).as("row %d", row).containsExactly(expected, WITHIN);
    }
}
