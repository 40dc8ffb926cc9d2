package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.saddlepoint.model.Layers.dense;

import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceKind;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;
import org.saddlepoint.model.BoundModel;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;

/** Of a linear classifier the distance to the nearest other class is known, with the box and without. */
@Tag("cuda")
class CarliniWagnerTest {
    /** Below it, a learning rate of 0.01 oscillates about the boundary by more than two percent of the distance. */
    private static final double RESOLVED = 0.1;

    private static final Percentage CLOSE = Percentage.withPercentage(2);

    /**
     * Compares distances of examples whose boundary the box moves further away (boxed), or does not. Of two classes: with more,
     * the likeliest other one need not be the closest, and that is the one that f leads to.
     */
    private static int compare(int seeds, double low, double high, boolean boxed) {
        int compared = 0;
        try (Device device = Device.cpu(1)) {
            for (int seed = 0; seed < seeds; seed++) {
                Linear linear = Linear.random(seed, 2, low, high);
                try (Classifier classifier = linear.on(device)) {
                    AttackResult result =
                            CarliniWagner.l2(Linear.D).build().run(classifier, linear.x(), linear.labels());
                    for (int i = 0; i < Linear.N; i++) {
                        double exact = linear.inBox(Norm.L2, i);
                        boolean matters = exact > linear.closedForm(Norm.L2, i) * 1.01;
                        if (exact > RESOLVED && exact < 10 && matters == boxed) {
                            assertThat(result.success()[i]).isTrue();
                            assertThat(result.l2()[i])
                                    .isGreaterThan(exact * (1 - 1e-5))
                                    .isCloseTo(exact, CLOSE);
                            compared++;
                        }
                    }
                }
            }
        }
        return compared;
    }

    @Test
    void distancesAreThoseOfTheClosedForm() {
        assertThat(compare(8, 0.35, 0.65, false)).isGreaterThan(40);
    }

    @Test
    void theBoxIsAllowedFor() {
        assertThat(compare(8, -0.3, 1.3, true)).isGreaterThan(40);
    }

    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    void theTargetedFormReachesItsTarget(DeviceKind kind) {
        float[] parameters = {1, 0, -1, 0, 0, -1, 0, 0.8f, 0.6f};
        float[] x = {0.7f, 0.4f};
        try (Device device = kind.open(1);
                Classifier classifier = Classifier.of(Model.sequential(dense(2, 3)), device, parameters)) {
            assertThat(classifier.predict(x)).containsExactly(0);
            // Logits are 0.7, 0.1 and 0.2. The way to class 1 is along (-2, 0), to class 2 along (-1, -1).
            double[] exact = {0, 0.6 / 2, 0.5 / Math.sqrt(2)};
            for (int target : new int[] {1, 2}) {
                CarliniWagner attack = CarliniWagner.l2(1).targeted(true).build();
                AttackResult result = attack.run(classifier, x, new int[] {target});
                assertThat(result.labelAfter()).containsExactly(target);
                assertThat(result.success()).containsExactly(true);
                assertThat(result.l2()[0]).isCloseTo(exact[target], CLOSE);
                AttackResult sure = attack.toBuilder().confidence(0.05).build().run(classifier, x, new int[] {target});
                double further = 0.05 / (target == 1 ? 2 : Math.sqrt(2));
                assertThat(sure.l2()[0]).isCloseTo(exact[target] + further, CLOSE);
            }
        }
    }

    @Test
    void noneIsBeatenBelowTheExactRadiusAndAllAreAbove() {
        Linear linear = Linear.random(3, 0.3, 0.7);
        try (Device device = Device.cpu(1);
                Classifier classifier = linear.on(device)) {
            for (boolean minimal : new boolean[] {false, true}) {
                for (int i = 0; i < 4; i++) {
                    double exact = linear.inBox(Norm.L2, i);
                    int[] label = {linear.labels()[i]};
                    CarliniWagner below =
                            CarliniWagner.l2(exact * 0.9999).minimal(minimal).build();
                    AttackResult none = below.run(classifier, linear.input(i), label);
                    assertThat(none.success()).containsExactly(false);
                    assertThat(none.iterations()).containsExactly(below.steps());
                    AttackResult one = below.withEpsilon(exact * 1.1 + 0.02).run(classifier, linear.input(i), label);
                    assertThat(one.success()).containsExactly(true);
                    assertThat(one.iterations()[0]).isBetween(1, below.steps() - 1);
                }
            }
        }
    }

    @Test
    void neitherBatchSizeNorThreadsMatter() {
        int n = 100;
        float[] x = Fixtures.inputs(n, 1);
        for (boolean minimal : new boolean[] {false, true}) {
            CarliniWagner attack = CarliniWagner.l2(0.15)
                    .searchSteps(4)
                    .initialConstant(0.1)
                    .iterations(60)
                    .minimal(minimal)
                    .build();
            AttackResult expected = null;
            for (int threads : new int[] {1, 2}) {
                try (Device device = Device.cpu(threads);
                        Classifier classifier = Fixtures.network(device)) {
                    for (int batchSize : new int[] {100, 1, 7}) {
                        AttackResult actual = attack.run(
                                classifier, x, classifier.predict(x), AttackOptions.DEFAULT.withBatchSize(batchSize));
                        expected = expected == null ? actual : expected;
                        assertThat(actual.adversarial()).containsExactly(expected.adversarial());
                        assertThat(actual.iterations()).containsExactly(expected.iterations());
                        assertThat(actual.success()).containsExactly(expected.success());
                        assertThat(actual.successes()).isBetween(1, n - 1);
                    }
                }
            }
        }
    }

    @Test
    void aZeroGradientLeavesTheExampleAloneAndIsCounted() {
        int d = Linear.D;
        float[] parameters = new float[2 * (d + 1)];
        parameters[2 * d] = 1f; // the bias alone decides
        float[] x = Values.uniform(new Random(1), d, 0, 1);
        try (Device device = Device.cpu(1);
                Classifier classifier = Classifier.of(Model.sequential(dense(d, 2)), device, parameters)) {
            CarliniWagner attack =
                    CarliniWagner.l2(0.3).searchSteps(2).iterations(5).build();
            AttackResult result = attack.run(classifier, x, new int[] {0});
            assertThat(result.adversarial()).containsExactly(x);
            assertThat(result.zeroGradients()).containsExactly(4); // each run is over once it comes no further
            assertThat(result.success()).containsExactly(false);
            // What is misclassified to begin with has no distance.
            AttackResult before = attack.withEpsilon(0).run(classifier, x, new int[] {1});
            assertThat(before.success()).containsExactly(true);
            assertThat(before.iterations()).containsExactly(0);
            assertThat(before.l2()).containsExactly(0);
        }
    }

    @Test
    void trainingIsRefused() {
        try (Device device = Device.cpu(1);
                Classifier classifier = Fixtures.network(device);
                BoundModel model = classifier.bind(1);
                AttackBatch batch = new AttackBatch(model, new RandomStream(0, Purpose.ATTACK_START, 0), false)) {
            assertThatThrownBy(() -> CarliniWagner.l2(1).build().perturbForTraining(batch))
                    .hasMessage("the attack cw evaluates: a training has no place for its closest iterates");
        }
    }

    @Test
    void badSettingsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CarliniWagner.l2(Double.NaN))
                .withMessage("epsilon is NaN: it must be a finite number of at least 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CarliniWagner.l2(1).iterations(0))
                .withMessage("iterations is 0: it must lie in 1..1000000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CarliniWagner.l2(1).initialConstant(0))
                .withMessage("initial constant is 0.0: it must lie above 0 and up to 1e9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CarliniWagner.l2(1).confidence(-1))
                .withMessage("confidence is -1.0: it must be a finite number of at least 0");
        assertThat(CarliniWagner.l2(1).build().steps()).isEqualTo(9000);
    }
}
