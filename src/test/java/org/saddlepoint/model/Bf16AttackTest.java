package org.saddlepoint.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;
import static org.saddlepoint.model.Layers.tanh;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.attack.AttackResult;
import org.saddlepoint.attack.Iterate;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceKind;
import org.saddlepoint.device.Precision;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.threat.Norm;

/**
 * Attacks with bfloat16 operands. Where every operand has at most eight significant bits nothing is rounded, so the bits are
 * those of float32: a packing or pairing that mixes up elements cannot pass.
 */
@Tag("cuda")
final class Bf16AttackTest {
    private static final int[][] WIDTHS = {{33, 17, 3}, {16, 32, 10}, {1, 1, 2}, {50, 127, 5}, {64, 33, 31, 4}};

    private static Model model(int[] widths) {
        Layer[] layers = new Layer[2 * widths.length - 3];
        for (int i = 0; i + 1 < widths.length; i++) {
            layers[2 * i] = dense(widths[i], widths[i + 1]);
            if (i + 2 < widths.length) {
                layers[2 * i + 1] = relu();
            }
        }
        return Model.sequential(layers);
    }

    /** Few weights of -1 and 1: sums of inputs that are multiples of 1/4 keep within eight bits. */
    private static float[] smallWeights(Model model, Random random) {
        float[] parameters = new float[(int) model.parameterCount()];
        int at = 0;
        for (TensorSpec tensor : model.tensors()) {
            int columns = tensor.shape().getLast();
            for (int i = 0; i < tensor.size(); i++) {
                boolean some = tensor.shape().size() > 1 && random.nextInt(columns) < 4;
                parameters[at++] = some ? random.nextBoolean() ? 1f : -1f : 0f;
            }
        }
        return parameters;
    }

    @ParameterizedTest
    @MethodSource("org.saddlepoint.device.DeviceKind#tested")
    void operandsThatNeedNoRoundingGiveTheBitsOfFloat32(DeviceKind kind) {
        Random random = new Random(7);
        int moved = 0;
        try (Device device = kind.open(2)) {
            for (int[] widths : WIDTHS) {
                Model model = model(widths);
                try (Classifier classifier = Classifier.of(model, device, smallWeights(model, random))) {
                    for (int n : new int[] {1, 7, 33, 70}) {
                        float[] x = new float[n * widths[0]];
                        int[] labels = new int[n];
                        for (int i = 0; i < x.length; i++) {
                            x[i] = random.nextInt(5) / 4f;
                        }
                        for (int i = 0; i < n; i++) {
                            labels[i] = random.nextInt(model.classes());
                        }
                        for (Iterate iterate : Iterate.values()) {
                            Pgd exact = Pgd.linf(0.5)
                                    .steps(3)
                                    .stepSize(0.25)
                                    .randomStart(false)
                                    .loss(Losses.MARGIN)
                                    .iterate(iterate)
                                    .build();
                            Pgd half =
                                    exact.toBuilder().precision(Precision.BF16).build();
                            AttackResult expected = exact.run(classifier, x, labels);
                            AttackResult actual = half.run(classifier, x, labels);
                            assertThat(actual.adversarial()).containsExactly(expected.adversarial());
                            assertThat(actual.iterations()).containsExactly(expected.iterations());
                            moved += expected.linf()[0] > 0 ? 1 : 0;
                        }
                    }
                }
            }
        }
        assertThat(moved).isPositive();
    }

    /** One L2 step goes along the gradient: its direction shows what rounding 8 bits of mantissa costs, and no more. */
    @ParameterizedTest
    @MethodSource("org.saddlepoint.device.DeviceKind#tested")
    void roundedOperandsGiveNearlyTheGradientOfFloat32(DeviceKind kind) {
        Random random = new Random(8);
        int n = 45;
        Model model = Model.sequential(dense(127, 65), tanh(), dense(65, 10));
        try (Device device = kind.open(2);
                Classifier classifier = Classifier.initialize(model, device, 1)) {
            float[] x = new float[n * 127];
            int[] labels = new int[n];
            for (int i = 0; i < x.length; i++) {
                x[i] = 0.3f + 0.4f * random.nextFloat();
            }
            for (int i = 0; i < n; i++) {
                labels[i] = i % 10;
            }
            Pgd exact = Pgd.l2(0.1)
                    .steps(1)
                    .stepSize(0.1)
                    .randomStart(false)
                    .iterate(Iterate.LAST)
                    .build();
            float[] expected = exact.run(classifier, x, labels).adversarial();
            float[] actual = exact.toBuilder()
                    .precision(Precision.BF16)
                    .build()
                    .run(classifier, x, labels)
                    .adversarial();
            int rounded = 0;
            for (int i = 0; i < n; i++) {
                double apart = Norm.L2.distance(expected, i * 127, actual, i * 127, 127);
                // Each operand is off by at most 2^-9 of itself; three products in a row, and a ReLU now and then
                // changes
                // some ten times the typical difference. (A ReLU could change sides.)
                assertThat(apart).as("example %d", i).isLessThan(0.05 * 0.1);
                rounded += apart > 0.1 * 0x1p-12 ? 1 : 0;
            }
            assertThat(rounded).as("examples in which rounding shows").isGreaterThan(n / 2);
        }
    }

    @Test
    void whereThereAreNoSuchProductsItIsSaid() {
        try (Device device = Device.cpu(1);
                Classifier classifier = Classifier.initialize(Model.sequential(dense(4, 2)), device, 1)) {
            Pgd reduced = Pgd.linf(0.1).precision(Precision.TF32).build();
            assertThatThrownBy(() -> reduced.run(classifier, new float[4], new int[1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("tf32")
                    .hasMessageContaining("use bf16");
        }
    }
}
