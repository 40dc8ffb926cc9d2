package org.saddlepoint.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.flatten;
import static org.saddlepoint.model.Layers.normalize;
import static org.saddlepoint.model.Layers.relu;
import static org.saddlepoint.model.Layers.tanh;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.saddlepoint.device.Device;
import org.saddlepoint.reference.Values;

/** Models as values: what they count and say, and which they refuse. */
class ModelTest {
    private static final Model MNIST = Model.mlp(Shape.of(1, 28, 28), List.of(128, 32), relu(), 10);

    @Test
    void aPerceptronHasItsLayers() {
        assertThat(MNIST.layers())
                .containsExactly(flatten(), dense(784, 128), relu(), dense(128, 32), relu(), dense(32, 10));
        assertThat(MNIST.classes()).isEqualTo(10);
        assertThat(MNIST).hasToString("1x28x28-128(relu)-32(relu)-10");
        assertThat(Model.mlp(Shape.of(5), List.of(), relu(), 3)).isEqualTo(Model.sequential(dense(5, 3)));
    }

    @Test
    void itsCountsAreThoseByHand() {
        assertThat(MNIST.parameterCount()).isEqualTo(784 * 128 + 128 + 128 * 32 + 32 + 32 * 10 + 10);
        assertThat(MNIST.flops()).isEqualTo(2 * (784 * 128 + 128 * 32 + 32 * 10) + 128 + 32);
        assertThat(MNIST.tensors())
                .containsExactly(
                        new TensorSpec("1.weight", List.of(128, 784)),
                        new TensorSpec("1.bias", List.of(128)),
                        new TensorSpec("3.weight", List.of(32, 128)),
                        new TensorSpec("3.bias", List.of(32)),
                        new TensorSpec("5.weight", List.of(10, 32)),
                        new TensorSpec("5.bias", List.of(10)));
    }

    @Test
    void theSummaryShowsEveryLayer() {
        Model model = new Model(Shape.of(1, 28, 28), List.of(normalize(0.1f, 0.3f), flatten(), dense(784, 10)));
        List<String> cells = model.summary()
                .lines()
                .map(line -> line.strip().replaceAll(" {2,}", "|"))
                .toList();
        assertThat(cells)
                .containsExactly(
                        "layer|output|parameters|FLOPs/example",
                        "input|1x28x28",
                        "0 normalize|1x28x28|0|1,568",
                        "1 flatten|784|0|0",
                        "2 dense 784 to 10|10|7,850|15,680",
                        "total|7,850|17,248");
    }

    @Test
    void layersThatDoNotFitAreRefusedByPosition() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Model.sequential(dense(3, 4), relu(), dense(5, 2)))
                .withMessage("layer 2: dense(5, 2) cannot take an input of shape 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Model(
                        Shape.of(3, 2, 2), List.of(normalize(new float[2], new float[] {1, 1}), dense(12, 2))))
                .withMessage("layer 0: normalize with 2 channels cannot take an input of shape 3x2x2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Model.sequential(relu()))
                .withMessageContaining("say the input's shape");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dense(0, 3))
                .withMessage("a dense layer of 0 to 3 features: both must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dense(1 << 16, 1 << 16))
                .withMessageContaining("more than 2^31 - 1 weights");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> normalize(new float[] {0}, new float[] {1, 1}))
                .withMessageContaining("1 means and 2 standard deviations");
        for (float std : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> normalize(0, std))
                    .withMessageContaining("must be finite");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(3, 0))
                .withMessage("dimension 0 of shape [3, 0] is below 1");
    }

    /** Three channels of 5 x 2, each shifted and scaled by its own constants, seen through a unit matrix. */
    @Test
    void normalizeIsByChannel() {
        float[] mean = {0.4f, 0.5f, 0.6f};
        float[] std = {0.2f, 1f, 3f};
        Model identity = new Model(Shape.of(3, 5, 2), List.of(normalize(mean, std), dense(30, 30)));
        float[] x = Values.uniform(new Random(1), 4 * 30, 0, 1);
        float[] parameters = new float[31 * 30];
        for (int i = 0; i < 30; i++) { // the unit matrix
            parameters[31 * i] = 1f;
        }
        double[] expected = new double[x.length];
        for (int i = 0; i < 4; i++) {
            for (int c = 0; c < 3; c++) {
                for (int j = 0; j < 10; j++) {
                    int at = i * 30 + c * 10 + j;
                    expected[at] = ((double) x[at] - mean[c]) / std[c];
                }
            }
        }
        try (Device device = Device.cpu(1);
                Classifier classifier = Classifier.of(identity, device, parameters)) {
            // x * (1/std) - mean/std: four roundings of values up to 5.
            assertThat(Values.widen(classifier.logits(x)))
                    .containsExactly(expected, Offset.offset(4 * 5 * Values.ROUNDOFF));
        }
    }

    /** He where a ReLU follows, else Glorot: uniform up to the bound, and close to it. Biases are zero. */
    @Test
    void initialWeightsAreUniformWithinTheirBounds() {
        Model model = Model.sequential(dense(40, 50), relu(), dense(50, 30), tanh(), dense(30, 20));
        float[] all = Initialization.parameters(model, 3);
        int at = requireUniform(all, 0, 40 * 50, 50, Math.sqrt(6.0 / 40));
        at = requireUniform(all, at, 50 * 30, 30, Math.sqrt(6.0 / 80));
        at = requireUniform(all, at, 30 * 20, 20, Math.sqrt(6.0 / 50));
        assertThat(at).isEqualTo(all.length);
        assertThat(Initialization.parameters(model, 3)).containsExactly(all);
        assertThat(Initialization.parameters(model, 4)).isNotEqualTo(all);
        assertThat(Arrays.copyOfRange(all, 0, 10)).isNotEqualTo(Arrays.copyOfRange(all, 2050, 2060));
    }

    private static int requireUniform(float[] all, int at, int count, int biases, double bound) {
        double largest = 0;
        double sum = 0;
        double squares = 0;
        for (int i = at; i < at + count; i++) {
            largest = Math.max(largest, Math.abs(all[i]));
            sum += all[i];
            squares += (double) all[i] * all[i];
        }
        // Of a uniform variable: variance bound^2 / 3, that of its square 4/45 bound^4; six standard deviations.
        double deviation = bound / Math.sqrt(3.0 * count);
        assertThat(largest).isBetween(0.97 * bound, bound * (1 + Values.ROUNDOFF));
        assertThat(sum / count).isBetween(-6 * deviation, 6 * deviation);
        assertThat(squares / count)
                .isCloseTo(bound * bound / 3, Offset.offset(6 * bound * bound * Math.sqrt(4 / 45.0 / count)));
        for (int i = at + count; i < at + count + biases; i++) {
            assertThat(all[i]).isZero();
        }
        return at + count + biases;
    }
}
