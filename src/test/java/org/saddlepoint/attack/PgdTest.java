package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.saddlepoint.attack.Fixtures.CLASSES;
import static org.saddlepoint.attack.Fixtures.D;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.Start;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.threat.Norm;

/** What every gradient attack promises, whatever the model. */
class PgdTest {
    private static final int N = 200;

    private final Device device = Device.cpu(2);
    private final Classifier classifier = Fixtures.network(device);
    private final float[] x = Fixtures.inputs(N, 2);
    private final int[] labels = classifier.predict(x);

    @AfterEach
    void close() {
        classifier.close();
        device.close();
    }

    /** By its text the state of an evaluation knows an attack again. */
    @Test
    void everySettingShowsInTheText() {
        assertThat(Stream.of(
                                FgsmRs.l1(1),
                                FgsmRs.l1(1).startInBox(true),
                                FgsmRs.l1(1).randomStart(false),
                                FgsmRs.l1(1).sparsity(0.5),
                                FgsmRs.l1(1).restarts(2),
                                FgsmRs.l1(1).iterate(Iterate.ANY),
                                FgsmRs.l1(1).targeted(true),
                                FgsmRs.l1(1).loss(Losses.MARGIN),
                                FgsmRs.l1(1).precision(Precision.BF16))
                        .map(builder -> builder.build().toString()))
                .doesNotHaveDuplicates();
    }

    /** A start that is no iterate is none in the evaluation that counts any iterate either. */
    @ParameterizedTest
    @EnumSource(Norm.class)
    void fgsmRsStartsBeyondTheBoxWhereOnlyTheLastIterateCounts(Norm norm) {
        Pgd.Builder attack = FgsmRs.of(norm, radius(norm));
        assertThat(attack.build().rule(D).start()).isEqualTo(Start.BALL);
        assertThat(attack.iterate(Iterate.ANY).build().rule(D).start()).isEqualTo(Start.BALL_AND_BOX);
        assertThat(attack.randomStart(false).build().rule(D).start()).isEqualTo(Start.ORIGINAL);
        assertThat(Pgd.of(norm, radius(norm)).build().rule(D).start()).isEqualTo(Start.BALL_AND_BOX);
    }

    private static double radius(Norm norm) {
        return switch (norm) {
            case LINF -> 0.06;
            case L2 -> 0.25;
            case L1 -> 0.8;
        };
    }

    static Stream<Pgd.Builder> attacks() {
        return Stream.of(Norm.values())
                .flatMap(norm -> Stream.of(
                        Fgsm.of(norm, radius(norm)),
                        FgsmRs.of(norm, radius(norm)),
                        FgsmRs.of(norm, radius(norm)).restarts(3),
                        Bim.of(norm, radius(norm)),
                        Pgd.of(norm, radius(norm)),
                        Pgd.of(norm, radius(norm)).iterate(Iterate.LAST).restarts(2),
                        Pgd.of(norm, radius(norm)).loss(Losses.MARGIN),
                        Pgd.of(norm, radius(norm)).loss(Losses.MEAN_SQUARED_ERROR)));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void breaksSomeExamplesAndReportsWhatItReturns(Pgd.Builder builder) {
        Pgd attack = builder.build();
        AttackResult result = attack.run(classifier, x, labels);
        int[] after = classifier.predict(result.adversarial());
        assertThat(result.labelBefore()).containsExactly(labels);
        assertThat(result.labelAfter()).containsExactly(after);
        assertThat(result.loss())
                .containsExactly(classifier
                        .lossGradient(result.adversarial(), labels, attack.loss())
                        .loss());
        for (int i = 0; i < N; i++) {
            assertThat(result.success()[i]).isEqualTo(after[i] != labels[i]);
        }
        assertThat(result.successes()).as("%s", attack).isBetween(5, N - 1);
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void staysInBallAndBoxAtEveryRadius(Pgd.Builder builder) {
        for (double epsilon : new double[] {0, 1e-30, 1e-8, 0.031, 8.0 / 255, 0.1, 0.3, 1, 10}) {
            Pgd attack = builder.epsilon(epsilon).build();
            float[] adversarial = attack.run(classifier, x, labels).adversarial();
            if (epsilon == 0) {
                assertThat(adversarial).containsExactly(x);
            }
            for (int i = 0; i < N; i++) {
                BigDecimal distance = BigDecimal.ZERO;
                for (int j = i * D; j < (i + 1) * D; j++) {
                    assertThat(adversarial[j] >= 0 && adversarial[j] <= 1).isTrue();
                    BigDecimal delta = new BigDecimal(adversarial[j])
                            .subtract(new BigDecimal(x[j]))
                            .abs();
                    distance = switch (attack.threat().norm()) {
                        case LINF -> distance.max(delta);
                        case L2 -> distance.add(delta.multiply(delta));
                        case L1 -> distance.add(delta);
                    };
                }
                // Not only within the radius's float32, which is never above it, but within the radius as it was given.
                BigDecimal bound = new BigDecimal(epsilon);
                assertThat(distance)
                        .as("%s", attack)
                        .isLessThanOrEqualTo(attack.threat().norm() == Norm.L2 ? bound.multiply(bound) : bound);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void theBestLossNeverFallsWithMoreSteps(Norm norm) {
        Pgd.Builder builder = Pgd.of(norm, radius(norm)).stepSize(radius(norm) / 5);
        AttackResult before = builder.steps(1).build().run(classifier, x, labels);
        for (int steps : new int[] {2, 3, 5, 10, 20}) {
            AttackResult now = builder.steps(steps).build().run(classifier, x, labels);
            requireNoWeaker(now, before);
            before = now;
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void theRobustCountNeverRisesWithMoreRestarts(Norm norm) {
        for (Iterate iterate : Iterate.values()) {
            Pgd.Builder builder = Pgd.of(norm, radius(norm)).steps(2).iterate(iterate);
            AttackResult before = builder.restarts(1).build().run(classifier, x, labels);
            for (int restarts : new int[] {2, 3, 6}) {
                AttackResult now = builder.restarts(restarts).build().run(classifier, x, labels);
                requireNoWeaker(now, before);
                before = now;
            }
        }
    }

    private static void requireNoWeaker(AttackResult now, AttackResult before) {
        for (int i = 0; i < N; i++) {
            assertThat(now.success()[i] || !before.success()[i]).isTrue();
            if (!now.success()[i]) {
                assertThat(now.loss()[i]).isGreaterThanOrEqualTo(before.loss()[i]);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void aTargetedAttackDescendsTheTargetsLossUntilItIsReached(Norm norm) {
        int[] targets = IntStream.of(labels).map(y -> (y + 1) % CLASSES).toArray();
        for (Loss loss : new Loss[] {Losses.CROSS_ENTROPY, Losses.MARGIN, Losses.MEAN_SQUARED_ERROR}) {
            float[] lossBefore = classifier.lossGradient(x, targets, loss).loss();
            AttackResult result = Bim.of(norm, 3 * radius(norm))
                    .targeted(true)
                    .loss(loss)
                    .build()
                    .run(classifier, x, targets);
            int[] after = classifier.predict(result.adversarial());
            for (int i = 0; i < N; i++) {
                assertThat(result.success()[i]).isEqualTo(after[i] == targets[i]);
                if (!result.success()[i]) {
                    assertThat(result.loss()[i]).isLessThanOrEqualTo(lossBefore[i]);
                }
            }
            assertThat(result.successes()).as("%s", loss).isGreaterThan(N / 4);
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void stepsWithoutAGradientAreCounted(Norm norm) {
        Model model = Model.sequential(dense(D, 8), relu(), dense(8, 3));
        float[] parameters = new float[(int) model.parameterCount()];
        Arrays.fill(parameters, 0.1f);
        Arrays.fill(parameters, D * 8, D * 8 + 8, -100f); // no unit of the hidden layer ever fires
        try (Classifier dead = Classifier.of(model, device, parameters)) {
            int[] none = new int[N];
            AttackResult result = Bim.of(norm, 0.3).steps(7).build().run(dead, x, none);
            assertThat(result.zeroGradients()).containsOnly(7);
            assertThat(result.adversarial()).containsExactly(x);
            assertThat(result.successes()).isZero();
        }
        assertThat(Bim.of(norm, radius(norm)).build().run(classifier, x, labels).zeroGradients())
                .containsOnly(0);
    }

    /** A softmax whose gradient underflows in float32 used to leave inputs unchanged elsewhere (cleverhans issue 350). */
    @ParameterizedTest
    @EnumSource(Norm.class)
    void aHugelyConfidentModelIsAttackedAllTheSame(Norm norm) {
        float[] parameters = classifier.parameters();
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] *= 40f; // logits grow 1600-fold: gaps of hundreds
        }
        try (Classifier confident = Classifier.of(Fixtures.MODEL, device, parameters)) {
            assertThat(confident.lossGradient(x, labels, Losses.CROSS_ENTROPY).gradient())
                    .contains(0f);
            AttackResult result = Fgsm.of(norm, radius(norm)).build().run(confident, x, labels);
            assertThat(result.zeroGradients()).containsOnly(0);
            for (int i = 0; i < N; i++) {
                assertThat(Arrays.mismatch(result.adversarial(), i * D, (i + 1) * D, x, i * D, (i + 1) * D))
                        .isNotNegative();
            }
        }
    }

    @Test
    void anExampleAlreadyMisclassifiedIsReturnedAsItIs() {
        int[] wrong = IntStream.of(labels).map(y -> (y + 1) % CLASSES).toArray();
        AttackResult result = Bim.linf(0.1).build().run(classifier, x, wrong);
        assertThat(result.adversarial()).containsExactly(x);
        assertThat(result.iterations()).containsOnly(0);
        assertThat(result.successes()).isEqualTo(N);
    }

    @Test
    void stepsBeyondFloat32AreStillSteps() {
        AttackResult result = Fgsm.linf(1e300).build().run(classifier, x, labels);
        Model blind = Model.sequential(dense(D, 2));
        float[] parameters = new float[(int) blind.parameterCount()];
        parameters[0] = 1f; // all other gradients are zero
        try (Classifier one = Classifier.of(blind, device, parameters)) {
            float[] moved = Fgsm.linf(1e300).build().run(one, x, new int[N]).adversarial();
            for (int i = 0; i < N; i++) {
                assertThat(moved[i * D]).isZero();
                assertThat(Arrays.copyOfRange(moved, i * D + 1, (i + 1) * D))
                        .containsExactly(Arrays.copyOfRange(x, i * D + 1, (i + 1) * D));
            }
        }
        assertThat(result.successes()).isPositive();
    }

    @Test
    void wrongInputsAreRefusedInWords() {
        Pgd attack = Pgd.linf(0.1).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> attack.run(classifier, new float[31], new int[1]))
                .withMessage("31 values were given for 1 inputs of 30 values");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> attack.run(classifier, new float[30], new int[] {5}))
                .withMessage("label 5 of example 0 is outside 0..4");
        float[] outside = new float[30];
        outside[7] = Float.NaN;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> attack.run(classifier, outside, new int[1]))
                .withMessage("value NaN of example 0 is outside [0,1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> attack.run(
                        classifier, new float[30], new int[1], AttackOptions.DEFAULT.withIndices(new int[2])))
                .withMessage("2 indices were given for 1 examples");
        assertThatIllegalArgumentException().isThrownBy(() -> Pgd.linf(-0.1)).withMessageContaining("epsilon is -0.1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pgd.linf(Double.NaN))
                .withMessageContaining("NaN");
    }

    @Test
    void noExamplesAreNoTrouble() {
        assertThat(Pgd.linf(0.1)
                        .build()
                        .run(classifier, new float[0], new int[0])
                        .successes())
                .isZero();
    }
}
