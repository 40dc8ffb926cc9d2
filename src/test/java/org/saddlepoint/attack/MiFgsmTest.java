package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceKind;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.BoundModel;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;

/** MI-FGSM's trajectory, worked by hand, its closed form, both directions, and its repeatability. */
@Tag("cuda")
class MiFgsmTest {
    private static final int N = 100;
    private static final Offset<Float> ROUNDING = Offset.offset(1e-6f);

    private final float[] x = Fixtures.inputs(N, 1);

    /**
     * The label's logit is 100; the others' are x0 + 4 x1 and -3 x0 + 17 x1 - 5. The second is the larger one from the second
     * iterate on, so normalised gradients are (0.2, 0.8), (-0.15, 0.85), (-0.15, 0.85); their sums turn the first coordinate
     * back one step later than the gradients do.
     */
    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    void theTrajectoryIsThatOfTheSummedGradients(DeviceKind kind) {
        float[] parameters = {0, 0, 1, 4, -3, 17, 100, 0, -5};
        MiFgsm.Builder attack =
                MiFgsm.linf(0.3).steps(3).stepSize(0.1).loss(Losses.MARGIN).targeted(false);
        try (Device device = kind.open(1);
                Classifier classifier = Classifier.of(Model.sequential(dense(2, 3)), device, parameters)) {
            float[] start = {0.5f, 0.5f};
            int[] label = {0};
            AttackResult remembered = attack.build().run(classifier, start, label);
            assertThat(remembered.adversarial()).containsExactly(new float[] {0.6f, 0.8f}, ROUNDING);
            AttackResult half = attack.decay(0.5).build().run(classifier, start, label);
            // 0.1 - 0.15 < 0: half the memory is too little.
            assertThat(half.adversarial()).containsExactly(new float[] {0.4f, 0.8f}, ROUNDING);
            assertThat(remembered.zeroGradients()).containsExactly(0);
        }
    }

    /** From 0.65 on the label's logit stays: the gradient is zero there, and the memory goes on. */
    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    void aZeroGradientAddsNothingAndIsCounted(DeviceKind kind) {
        float[] parameters = {-1, 0.65f, 1, 0, 1, 0};
        MiFgsm attack = MiFgsm.linf(0.4).steps(4).build();
        try (Device device = kind.open(1);
                Classifier classifier =
                        Classifier.of(Model.sequential(dense(1, 1), relu(), dense(1, 2)), device, parameters);
                BoundModel model = classifier.bind(1);
                AttackBatch batch = new AttackBatch(model, new RandomStream(0, Purpose.ATTACK_START, 0), false)) {
            float[] start = {0.5f};
            AttackResult result = attack.run(classifier, start, new int[] {0});
            assertThat(result.zeroGradients()).containsExactly(2);
            assertThat(result.adversarial()).containsExactly(new float[] {0.7f}, ROUNDING); // the first of equals
            batch.begin(1, new RandomStream(0, Purpose.ATTACK_START, 0));
            batch.origin().write(start);
            batch.labels().write(new int[] {0});
            attack.perturbForTraining(batch);
            assertThat(batch.x().floats(1)).containsExactly(new float[] {0.9f}, ROUNDING);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Norm.class,
            names = {"LINF", "L2"})
    void twoLinearClassesMeetTheClosedForm(Norm norm) {
        int d = 20;
        double epsilon = 0.05;
        Random random = new Random(5);
        float[] parameters = Values.uniform(random, 2 * (d + 1), -1, 1);
        float[] inputs = Values.uniform(random, 8 * d, 0.4, 0.6);
        double[] w = new double[d];
        Arrays.setAll(w, k -> (double) parameters[k] - parameters[d + k]);
        double sum = Arrays.stream(w).map(Math::abs).sum();
        double worst = epsilon
                * (norm == Norm.LINF
                        ? sum
                        : Math.sqrt(Arrays.stream(w).map(v -> v * v).sum()));
        try (Device device = Device.cpu(1);
                Classifier classifier = Classifier.of(Model.sequential(dense(d, 2)), device, parameters)) {
            int[] labels = classifier.predict(inputs);
            AttackResult result = MiFgsm.of(norm, epsilon).build().run(classifier, inputs, labels);
            for (int i = 0; i < 8; i++) {
                double clean = margin(parameters, inputs, i, d, labels[i]);
                double attacked = margin(parameters, result.adversarial(), i, d, labels[i]);
                assertThat(result.success()[i]).isEqualTo(clean < worst);
                if (clean > worst) {
                    assertThat(attacked).isCloseTo(clean - worst, Offset.offset(1e-6 + 1e-5 * sum));
                }
            }
        }
    }

    private static double margin(float[] parameters, float[] x, int i, int d, int label) {
        double margin = (double) parameters[2 * d] - parameters[2 * d + 1];
        for (int k = 0; k < d; k++) {
            margin += ((double) parameters[k] - parameters[d + k]) * x[i * d + k];
        }
        return label == 0 ? margin : -margin;
    }

    @ParameterizedTest
    @EnumSource(
            value = Norm.class,
            names = {"LINF", "L2"})
    void theTargetedFormDescendsTheLossOfItsTarget(Norm norm) {
        try (Device device = Device.cpu(2);
                Classifier classifier = Fixtures.network(device)) {
            int[] targets = Arrays.stream(classifier.predict(x))
                    .map(label -> (label + 1) % Fixtures.CLASSES)
                    .toArray();
            MiFgsm attack = MiFgsm.of(norm, norm == Norm.LINF ? 0.1 : 0.4)
                    .targeted(true)
                    .build();
            AttackResult result = attack.run(classifier, x, targets);
            AttackResult still = attack.withEpsilon(0).run(classifier, x, targets);
            assertThat(result.successes()).isBetween(1, N - 1);
            assertThat(still.successes()).isZero();
            for (int i = 0; i < N; i++) {
                assertThat(result.loss()[i]).isLessThan(still.loss()[i]);
                assertThat(result.success()[i]).isEqualTo(result.labelAfter()[i] == targets[i]);
            }
        }
    }

    static Stream<MiFgsm> attacks() {
        return Stream.of(
                MiFgsm.linf(0.05).build(),
                MiFgsm.l2(0.2).decay(0.8).build(),
                MiFgsm.l2(0.4).targeted(true).loss(Losses.MARGIN).build());
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void neitherBatchSizeNorThreadsMatter(MiFgsm attack) {
        AttackResult expected = run(attack, Device.cpu(1), AttackOptions.DEFAULT);
        assertThat(expected.successes()).isBetween(1, N - 1);
        for (int batchSize : new int[] {1, 7, N}) {
            for (int threads : new int[] {1, 2}) {
                AttackResult actual = run(attack, Device.cpu(threads), AttackOptions.DEFAULT.withBatchSize(batchSize));
                assertThat(actual.adversarial()).containsExactly(expected.adversarial());
                assertThat(actual.iterations()).containsExactly(expected.iterations());
                assertThat(actual.zeroGradients()).containsExactly(expected.zeroGradients());
            }
        }
    }

    /** Devices add in orders of their own; a verdict may turn on the last place, hence one example in fifty. */
    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    void devicesAgree(DeviceKind kind) {
        attacks().forEach(attack -> {
            int expected = run(attack, Device.cpu(1), AttackOptions.DEFAULT).successes();
            assertThat(run(attack, kind.open(1), AttackOptions.DEFAULT).successes())
                    .isCloseTo(expected, Offset.offset(N / 50));
        });
    }

    private AttackResult run(MiFgsm attack, Device opened, AttackOptions options) {
        try (Device device = opened;
                Classifier classifier = Fixtures.network(device)) {
            int[] labels = classifier.predict(x);
            if (attack.targeted()) {
                Arrays.setAll(labels, i -> (labels[i] + 1) % Fixtures.CLASSES);
            }
            return attack.run(classifier, x, labels, options);
        }
    }

    @Test
    void theDefaultsAreThePapers() {
        MiFgsm attack = MiFgsm.linf(0.25).build();
        assertThat(attack.steps()).isEqualTo(10);
        assertThat(attack.stepSize()).isEqualTo(0.025f);
        assertThat(attack.withEpsilon(0.1).stepSize()).isEqualTo(0.01f);
        assertThat(attack).hasToString("mi-fgsm(linf, epsilon 0.25, 10 steps of 0.025, decay 1.0, cross-entropy)");
    }

    @Test
    void badSettingsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MiFgsm.of(Norm.L1, 1))
                .withMessage("the norm of MI-FGSM is L1: it must be L-inf or L2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MiFgsm.linf(-1))
                .withMessage("epsilon is -1.0: it must be a finite number of at least 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MiFgsm.linf(0.1).decay(-0.5))
                .withMessage("decay is -0.5: it must be a finite number of at least 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MiFgsm.linf(0.1).steps(0))
                .withMessage("steps is 0: it must be at least 1");
    }
}
