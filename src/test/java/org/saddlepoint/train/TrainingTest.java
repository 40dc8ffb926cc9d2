package org.saddlepoint.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.saddlepoint.attack.Bim;
import org.saddlepoint.attack.Iterate;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.LossReference;
import org.saddlepoint.reference.ModelReference;
import org.saddlepoint.reference.Values;

/** What the training loop does, against plain loops in double; and what it refuses. */
class TrainingTest {
    private static final int D = Blobs.FEATURES;
    private static final Model MODEL = Model.sequential(dense(D, 24), relu(), dense(24, Blobs.CLASSES));
    /** Two whole batches of 32 and one of 6. */
    private static final Dataset DATA = Blobs.bytes(70, 1);

    /**
     * A step moves a weight by at most rate 0.1 times a gradient of order 1, each with some 100 roundings; 10 steps, and
     * as much again for weights that differ: 2,000 roundings of order 0.1.
     */
    private static final Offset<Double> WITHIN = Offset.offset(200 * Values.ROUNDOFF);

    private final Device device = Device.cpu(2);

    @AfterEach
    void close() {
        device.close();
    }

    private static Training adversarial() {
        return AdversarialTraining.with(Pgd.linf(0.1).steps(3).build())
                .batchSize(32)
                .epochs(2);
    }

    private float[] fit(Training training, Dataset data) {
        return fit(training, data, device);
    }

    private static float[] fit(Training training, Dataset data, Device device) {
        try (Classifier classifier = training.fit(MODEL, data, device)) {
            return classifier.parameters();
        }
    }

    @Test
    void bitsDependOnSettingsAlone() {
        float[] expected = fit(adversarial(), DATA);
        assertThat(fit(adversarial(), DATA)).as("replay").containsExactly(expected);
        assertThat(fit(adversarial(), Blobs.floats(DATA)))
                .as("stored as floats")
                .containsExactly(expected);
        try (Device single = Device.cpu(1)) {
            assertThat(fit(adversarial(), DATA, single)).as("1 thread").containsExactly(expected);
        }
        assertThat(fit(adversarial().seed(2), DATA)).as("another seed").isNotEqualTo(expected);
        assertThat(fit(Training.standard().epochs(2), DATA)).as("no attack").isNotEqualTo(expected);
        assertThat(fit(adversarial().cleanShare(1), DATA))
                .as("nothing attacked")
                .containsExactly(fit(Training.standard().epochs(2), DATA));
        assertThat(fit(adversarial().cleanShare(0.5), DATA)).as("half attacked").isNotEqualTo(expected);
    }

    /** Epoch e of w trains at e / (w + 1) of the radius, and those after them at all of it. */
    @Test
    void theRadiusGrowsOverTheWarmUp() {
        Pgd full = Pgd.linf(0.1).steps(3).stepSize(0.05).build();
        Pgd half =
                Pgd.linf(full.threat().epsilon() * 0.5).steps(3).stepSize(0.05).build();
        Training one = adversarial().attack(full).epochs(1).epsilonWarmup(1);
        assertThat(fit(one, DATA))
                .as("first epoch of one")
                .containsExactly(fit(adversarial().attack(half).epochs(1), DATA));
        Training two = adversarial().attack(full).epsilonWarmup(1);
        assertThat(fit(two, DATA))
                .as("and the full radius afterwards")
                .isNotEqualTo(fit(adversarial().attack(half), DATA))
                .isNotEqualTo(fit(adversarial().attack(full), DATA));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Training.standard().epsilonWarmup(-1))
                .withMessage("epochs of warm-up are -1: at least 0");
    }

    /** SGD by hand: order, mean over the batch, a smaller last batch, and batches larger than the data. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 32, 69, 70, 1000})
    void standardTrainingFollowsItsDefinition(int batchSize) {
        List<EpochReport> reports = new ArrayList<>();
        Training training = Training.standard()
                .optimizer(Sgd.learningRate(0.1f))
                .schedule(Schedule.COSINE)
                .batchSize(batchSize)
                .epochs(2)
                .seed(5)
                .onEpoch(reports::add);
        float[] actual = fit(training, DATA);
        Sketch sketch = new Sketch(parameters(5));
        int steps = 2 * ((69 + batchSize) / batchSize);
        double rate = 0;
        for (int epoch = 1, step = 0; epoch <= 2; epoch++) {
            int[] order = ExampleOrder.of(70, 5, epoch);
            double loss = 0;
            int correct = 0;
            for (int from = 0; from < 70; from += batchSize, step++) {
                int[] batch = Arrays.copyOfRange(order, from, Math.min(70, from + batchSize));
                int[] labels = Arrays.stream(batch).map(i -> DATA.labels()[i]).toArray();
                rate = 0.1 * Schedule.COSINE.factor(step, steps);
                sketch.step(DATA.values(batch), labels, rate);
                loss += sketch.loss;
                correct += sketch.correct;
            }
            EpochReport report = reports.get(epoch - 1);
            assertThat(report.epoch()).isEqualTo(epoch);
            assertThat(report.epochs()).isEqualTo(2);
            assertThat(report.samples()).isEqualTo(70);
            assertThat(report.loss()).isCloseTo(loss / 70, WITHIN);
            assertThat(report.accuracy()).isEqualTo(correct / 70.0);
            assertThat(report.learningRate()).isCloseTo(rate, WITHIN);
            assertThat(report.score()).isNaN();
            assertThat(report.seconds()).isPositive();
        }
        double slack = batchSize == 1 ? 20 : 1; // 140 steps instead of a handful
        assertThat(Values.widen(actual)).containsExactly(sketch.parameters, Offset.offset(slack * WITHIN.value));
    }

    /** One step on one batch: the first examples as the attack leaves them, the clean share at the end. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 0.9, 1})
    void adversarialTrainingFollowsItsDefinition(double cleanShare) {
        Pgd attack = Bim.linf(0.1).steps(3).iterate(Iterate.LAST).build();
        float[] actual = fit(
                AdversarialTraining.with(attack)
                        .optimizer(Sgd.learningRate(0.1f))
                        .cleanShare(cleanShare)
                        .batchSize(70)
                        .epochs(1),
                DATA);
        int[] order = ExampleOrder.of(70, 1, 1);
        int[] labels = Arrays.stream(order).map(i -> DATA.labels()[i]).toArray();
        float[] x = DATA.values(order);
        try (Classifier start = Classifier.initialize(MODEL, device, 1)) {
            float[] adversarial = attack.run(start, x, labels).adversarial();
            int attacked = 70 - (int) Math.round(70 * cleanShare);
            System.arraycopy(adversarial, 0, x, 0, attacked * D);
        }
        Sketch sketch = new Sketch(parameters(1));
        sketch.step(x, labels, 0.1);
        assertThat(Values.widen(actual)).containsExactly(sketch.parameters, WITHIN);
    }

    /** Where no iterate of an attack is better than none, the example is trained on as it is. */
    @Test
    void anAttackWithoutAResultLeavesTheExamplesAsTheyAre() {
        Loss nan = Losses.perExample("nan", (z, y, gradient) -> {
            Arrays.fill(gradient, 1f);
            return Double.NaN;
        });
        // At radius zero, so that an iterate kept for being misclassified is the example too.
        Pgd attack = Pgd.linf(0).stepSize(1).steps(2).restarts(2).loss(nan).build();
        assertThat(fit(AdversarialTraining.with(attack).epochs(2), DATA))
                .containsExactly(fit(Training.standard().epochs(2), DATA));
    }

    @Test
    void aUsersLossTrainsAsTheDevicesOwn() {
        Loss crossEntropy = Losses.perExample("own", (z, y, gradient) -> {
            double[] slope = LossReference.gradient(LossKind.CROSS_ENTROPY, Values.widen(z), y);
            for (int j = 0; j < z.length; j++) {
                gradient[j] = (float) slope[j];
            }
            return LossReference.value(LossKind.CROSS_ENTROPY, Values.widen(z), y);
        });
        float[] own = fit(
                Training.standard()
                        .optimizer(Sgd.learningRate(0.1f))
                        .loss(crossEntropy)
                        .epochs(3),
                DATA);
        float[] expected =
                fit(Training.standard().optimizer(Sgd.learningRate(0.1f)).epochs(3), DATA);
        assertThat(Values.widen(own)).containsExactly(Values.widen(expected), WITHIN);
    }

    @Test
    void trainingLearns() {
        double[] accuracy = {0, 0};
        fit(
                adversarial()
                        .optimizer(Adam.learningRate(0.02f))
                        .epochs(30)
                        .onEpoch(report -> accuracy[report.epoch() == 1 ? 0 : 1] = report.accuracy()),
                DATA);
        assertThat(accuracy[1]).isGreaterThan(accuracy[0] + 0.2);
    }

    @Test
    void listenersSeeEveryBatch() {
        List<String> seen = new ArrayList<>();
        List<Double> lastLoss = new ArrayList<>();
        List<Double> lastAccuracy = new ArrayList<>();
        fit(
                adversarial()
                        .onBatch(progress -> {
                            seen.add(progress.epoch() + ":" + progress.done() + "/" + progress.samples());
                            if (progress.done() == progress.samples()) {
                                lastLoss.add(progress.loss());
                                lastAccuracy.add(progress.accuracy());
                            }
                        })
                        .onEpoch(report -> {
                            assertThat(lastLoss.getLast()).isEqualTo(report.loss());
                            assertThat(lastAccuracy.getLast()).isEqualTo(report.accuracy());
                        }),
                DATA);
        assertThat(seen).containsExactly("1:32/70", "1:64/70", "1:70/70", "2:32/70", "2:64/70", "2:70/70");
        assertThat(lastLoss).hasSize(2);
    }

    @Test
    void theBestWeightsAreKeptTheFirstOfEquals() {
        List<float[]> epochs = new ArrayList<>();
        Training.standard()
                .epochs(4)
                .onEpoch(report -> epochs.add(report.classifier().parameters()));
        double[] scores = {1, 3, 3, 2};
        int[] next = {0};
        List<Double> reported = new ArrayList<>();
        float[] kept = fit(
                Training.standard()
                        .epochs(4)
                        .keepBest(classifier -> scores[next[0]++])
                        .onEpoch(report -> {
                            epochs.add(report.classifier().parameters());
                            reported.add(report.score());
                        }),
                DATA);
        assertThat(epochs).hasSize(4);
        assertThat(kept).containsExactly(epochs.get(1)).isNotEqualTo(epochs.get(2));
        assertThat(reported).containsExactly(1.0, 3.0, 3.0, 2.0);
    }

    @Test
    void noEpochsLeaveTheInitialWeights() {
        assertThat(fit(adversarial().epochs(0), DATA)).containsExactly(parameters(1));
    }

    @Test
    void aDivergingRunEndsInOneLineAndClosesWhatItOpened() {
        Training training =
                Training.standard().optimizer(Sgd.learningRate(1e30f)).epochs(3);
        assertThatExceptionOfType(TrainingException.class)
                .isThrownBy(() -> training.fit(MODEL, DATA, device))
                .withMessageMatching(
                        "the training loss of epoch 1 is (NaN|-?Infinity): " + "try a lower learning rate than 1.0E30");
        try (Classifier classifier = Classifier.initialize(MODEL, device, 1)) {
            assertThatExceptionOfType(TrainingException.class).isThrownBy(() -> training.fit(classifier, DATA));
        } // closes: nothing is bound to it any more
    }

    /** The last step's loss was measured before it. */
    @Test
    void weightsThatOverflowInTheLastStepAreNotHandedOut() {
        Training training = Training.standard()
                .optimizer(Sgd.learningRate(1e38f).withWeightDecay(1e6f))
                .batchSize(70)
                .epochs(1);
        assertThatExceptionOfType(TrainingException.class)
                .isThrownBy(() -> training.fit(MODEL, DATA, device))
                .withMessageContaining("weight")
                .withMessageContaining("epoch 1")
                .withMessageContaining("try a lower learning rate than 1.0E38");
    }

    @Test
    void aTargetedAttackIsRefused() {
        Pgd targeted = Pgd.linf(0.1).targeted(true).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AdversarialTraining.with(targeted))
                .withMessage("training against a targeted attack would teach the model the targets");
    }

    @Test
    void aModelThatDoesNotFitTheDataIsRefusedWithBothShapes() {
        Model wide = Model.sequential(dense(D + 1, 4));
        Model few = Model.sequential(dense(D, 3));
        for (Model model : List.of(wide, few)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Training.standard().fit(model, DATA, device))
                    .withMessage("the model " + model + " takes "
                            + model.input().size() + " values and has " + model.classes()
                            + " classes, but blobs has 20 values an example and 4 classes");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Training.standard().fit(MODEL, DATA.limit(0), device))
                .withMessage("the training set blobs is empty");
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Training.standard().batchSize(0))
                .withMessage("batch size is 0: it must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Training.standard().epochs(-1))
                .withMessage("epochs is -1: it must be at least 0");
        for (double share : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Training.standard().cleanShare(share))
                    .withMessage("clean share is " + share + ": it must lie in [0,1]");
        }
    }

    private float[] parameters(long seed) {
        try (Classifier start = Classifier.initialize(MODEL, device, seed)) {
            return start.parameters();
        }
    }

    /** Plain SGD in double. */
    private static final class Sketch {
        final double[] parameters;
        double loss;
        int correct;

        Sketch(float[] start) {
            parameters = Values.widen(start);
        }

        /** One step on the mean gradient; loss (a sum) and correct examples are of before it. */
        void step(float[] x, int[] labels, double rate) {
            ModelReference reference = new ModelReference(MODEL, parameters.clone());
            loss = 0;
            correct = 0;
            for (int i = 0; i < labels.length; i++) {
                double[] input = Values.widen(Arrays.copyOfRange(x, i * D, (i + 1) * D));
                loss += reference.loss(LossKind.CROSS_ENTROPY, input, labels[i]);
                correct += LossReference.argMax(reference.logits(input)) == labels[i] ? 1 : 0;
                double[] gradient = reference
                        .gradients(LossKind.CROSS_ENTROPY, input, labels[i])
                        .parameters();
                for (int p = 0; p < parameters.length; p++) {
                    parameters[p] -= rate * gradient[p] / labels.length;
                }
            }
        }
    }
}
