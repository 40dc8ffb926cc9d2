package org.saddlepoint.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.AttackOptions;
import org.saddlepoint.attack.AttackResult;
import org.saddlepoint.attack.Fgsm;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.train.Training;

/** Evaluations against verdicts of the same attacks, run one by one on the whole data and counted in plain loops. */
class EvaluationTest {
    private static final Model MODEL = Model.sequential(dense(Blobs.FEATURES, 16), relu(), dense(16, Blobs.CLASSES));
    private static final Dataset DATA = Blobs.bytes(300, 2);
    private static final Pgd PGD = Pgd.linf(0.05).steps(5).build();
    private static final Attack WEAK = Fgsm.linf(0.05).build();
    /** One long way from its start, so that it beats other examples than PGD does. */
    private static final Pgd COARSE =
            Pgd.linf(0.05).name("coarse").steps(1).stepSize(0.02).build();

    private final Device device = Device.cpu(2);
    private final Classifier classifier = Training.standard().epochs(8).fit(MODEL, Blobs.bytes(200, 1), device);

    @AfterEach
    void close() {
        classifier.close();
        device.close();
    }

    private BitSet clean() {
        BitSet correct = new BitSet();
        int[] predicted = classifier.predict(DATA.values(0, DATA.size()));
        for (int i = 0; i < DATA.size(); i++) {
            correct.set(i, predicted[i] == DATA.labels()[i]);
        }
        return correct;
    }

    private AttackResult verdicts(Attack attack, int[] labels) {
        return attack.run(classifier, DATA.values(0, DATA.size()), labels, AttackOptions.DEFAULT);
    }

    /** The examples that are classified correctly as they are and as each attack leaves them. */
    private BitSet robust(Attack... attacks) {
        BitSet robust = clean();
        for (Attack attack : attacks) {
            int[] after = verdicts(attack, DATA.labels()).labelAfter();
            for (int i = 0; i < after.length; i++) {
                robust.set(i, robust.get(i) && after[i] == DATA.labels()[i]);
            }
        }
        return robust;
    }

    @Test
    void theWorstCaseIsTakenExampleByExample() {
        Robustness found = Evaluation.of(classifier)
                .clean()
                .against(PGD, WEAK)
                .against(COARSE)
                .on(DATA);
        assertThat(found.clean()).isEqualTo(new Accuracy(clean().cardinality(), 300));
        List<Attack> attacks = List.of(PGD, WEAK, COARSE);
        for (int a = 0; a < 3; a++) {
            Robustness.Outcome outcome = found.attacks().get(a);
            assertThat(outcome.name()).isEqualTo(attacks.get(a).name());
            assertThat(outcome.description()).isEqualTo(attacks.get(a).toString());
            assertThat(outcome.threat()).isEqualTo(PGD.threat());
            assertThat(outcome.robust())
                    .isEqualTo(new Accuracy(robust(attacks.get(a)).cardinality(), 300));
        }
        assertThat(found.robust())
                .isEqualTo(new Accuracy(robust(PGD, WEAK, COARSE).cardinality(), 300));
        assertThat(found.byAttack().keySet()).containsExactly("pgd", "fgsm", "coarse");
        // The case is no easy one: something is misclassified, something beaten, something left.
        assertThat(found.clean().correct()).isLessThan(300);
        assertThat(found.robust().correct()).isBetween(1, found.clean().correct() - 1);
    }

    /** Two attacks that each beat one half of the examples leave none, where the weaker alone leaves half. */
    @Test
    void attacksThatBeatDifferentExamplesAddUp() {
        BitSet clean = clean();
        Robustness found =
                Evaluation.of(classifier).against(new Only(0), new Only(1)).on(DATA);
        int even = 0;
        int odd = 0;
        for (int i : clean.stream().toArray()) {
            even += i % 2 == 0 ? 1 : 0;
            odd += i % 2 == 1 ? 1 : 0;
        }
        assertThat(found.attacks().get(0).robust().correct()).isEqualTo(odd);
        assertThat(found.attacks().get(1).robust().correct()).isEqualTo(even);
        assertThat(found.robust().correct()).isZero();
    }

    @Test
    void aMisclassifiedExampleIsNotRobustWhateverAnAttackDoes() {
        // At radius zero nothing moves.
        Robustness found = Evaluation.of(classifier).against(PGD.withEpsilon(0)).on(DATA);
        assertThat(found.robust()).isEqualTo(found.clean());
        assertThat(found.robust().correct()).isLessThan(300);
    }

    @Test
    void classesSumToTheTotal() {
        Robustness found = Evaluation.of(classifier).against(PGD).on(DATA);
        BitSet robust = robust(PGD);
        BitSet clean = clean();
        for (int c = 0; c < Blobs.CLASSES; c++) {
            int[] counts = new int[3];
            for (int i = 0; i < 300; i++) {
                if (DATA.labels()[i] == c) {
                    counts[0]++;
                    counts[1] += clean.get(i) ? 1 : 0;
                    counts[2] += robust.get(i) ? 1 : 0;
                }
            }
            assertThat(found.cleanPerClass().get(c)).isEqualTo(new Accuracy(counts[1], counts[0]));
            assertThat(found.robustPerClass().get(c)).isEqualTo(new Accuracy(counts[2], counts[0]));
        }
        assertThat(found.robustPerClass().stream().mapToInt(Accuracy::correct).sum())
                .isEqualTo(found.robust().correct());
        assertThat(found.robustPerClass().stream().mapToInt(Accuracy::total).sum())
                .isEqualTo(300);
    }

    @Test
    void theCurveIsTheWorstCaseAtEachRadius() {
        Robustness found = Evaluation.of(classifier)
                .curve(PGD, 0.1, 0.02)
                .curve(WEAK, 0.02, 0.05)
                .on(DATA);
        assertThat(found.curve()).hasSize(3);
        assertPoint(found.curve().get(0), 0.02, PGD.withEpsilon(0.02), WEAK.withEpsilon(0.02));
        assertPoint(found.curve().get(1), 0.05, WEAK.withEpsilon(0.05));
        assertPoint(found.curve().get(2), 0.1, PGD.withEpsilon(0.1));
        assertThat(found.robust()).isEqualTo(found.curve().get(2).robust());
        assertThat(found.byAttack().keySet()).containsExactly("pgd");
        assertThat(found.attacks().get(1).description()).contains("5 steps of 0.01"); // derived anew
    }

    private void assertPoint(Robustness.CurvePoint point, double epsilon, Attack... attacks) {
        assertThat(point.epsilon()).isEqualTo(attacks[0].threat().epsilon()).isBetween(0.9999 * epsilon, epsilon);
        assertThat(point.robust().correct()).isEqualTo(robust(attacks).cardinality());
    }

    @Test
    void aTargetedAttackBeatsWhatReachesTheTargetFromAnotherClass() {
        Pgd targeted = Pgd.linf(0.2).steps(5).targeted(true).build();
        int target = 2;
        int[] targets = new int[300];
        java.util.Arrays.fill(targets, target);
        AttackResult result = verdicts(targeted, targets);
        int standing = 0;
        int own = 0;
        for (int i : clean().stream().toArray()) {
            boolean ofTarget = DATA.labels()[i] == target;
            standing += ofTarget || result.labelAfter()[i] != target ? 1 : 0;
            own += ofTarget ? 1 : 0;
        }
        Robustness found =
                Evaluation.of(classifier).target(target).against(targeted).on(DATA);
        assertThat(found.robust().correct())
                .isEqualTo(standing)
                .isBetween(own, found.clean().correct() - 1);
        for (int wrong : new int[] {-1, Blobs.CLASSES}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Evaluation.of(classifier)
                            .target(wrong)
                            .against(targeted)
                            .on(DATA))
                    .withMessage("a targeted attack needs a target class in 0..3, not " + wrong);
        }
    }

    @Test
    void resultsDependOnNeitherBatchSizeNorThreadsNorOtherAttacks() {
        Robustness expected = Evaluation.of(classifier).against(PGD).on(DATA);
        for (int batchSize : new int[] {1, 33, 300}) {
            assertSame(
                    Evaluation.of(classifier).batchSize(batchSize).against(PGD).on(DATA), expected);
        }
        try (Device single = Device.cpu(1);
                Classifier copy = Classifier.of(MODEL, single, classifier.parameters())) {
            assertSame(Evaluation.of(copy).against(PGD).on(DATA), expected);
        }
        Robustness after = Evaluation.of(classifier).against(COARSE, PGD).on(DATA);
        assertThat(after.attacks().get(1).robust())
                .isEqualTo(expected.attacks().getFirst().robust());
        assertThat(Evaluation.of(classifier).seed(9).against(PGD).on(DATA).seed())
                .isEqualTo(9);
    }

    private static void assertSame(Robustness actual, Robustness expected) {
        assertThat(actual.clean()).isEqualTo(expected.clean());
        assertThat(actual.robust()).isEqualTo(expected.robust());
        assertThat(actual.robustPerClass()).isEqualTo(expected.robustPerClass());
    }

    /** A network whose hidden units are all dead has no gradient anywhere. */
    @Test
    void vanishedGradientsAreCounted() {
        assertThat(Evaluation.of(classifier)
                        .against(PGD)
                        .on(DATA)
                        .attacks()
                        .getFirst()
                        .zeroGradients())
                .isLessThan(300);
        float[] dead = classifier.parameters();
        for (int i = 0; i < 16; i++) {
            dead[Blobs.FEATURES * 16 + i] = -1000f;
        }
        try (Classifier blocked = Classifier.of(MODEL, device, dead)) {
            Robustness found = Evaluation.of(blocked).against(PGD).on(DATA);
            assertThat(found.clean().correct()).isPositive();
            assertThat(found.attacks().getFirst().zeroGradients())
                    .isEqualTo(found.clean().correct());
            assertThat(found.robust()).isEqualTo(found.clean());
        }
    }

    @Test
    void progressIsReported() {
        List<String> seen = new ArrayList<>();
        Robustness found = Evaluation.of(classifier)
                .against(PGD)
                .onProgress((attack, done, total) -> seen.add(attack + " " + done + "/" + total))
                .on(DATA);
        int standing = found.clean().correct();
        assertThat(seen).containsExactly("clean 300/300", "pgd " + standing + "/" + standing);
    }

    @Test
    void withoutAnAttackTheWorstCaseIsTheCleanOne() {
        Robustness found = Evaluation.of(classifier).on(DATA);
        assertThat(found.attacks()).isEmpty();
        assertThat(found.curve()).isEmpty();
        assertThat(found.robust()).isEqualTo(found.clean());
    }

    @Test
    void aModelThatDoesNotFitTheDataIsRefusedWithBothShapes() {
        Model other = Model.sequential(dense(21, 3));
        try (Classifier wide = Classifier.initialize(other, device, 1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Evaluation.of(wide).on(DATA))
                    .withMessage("the model 21-3 takes 21 values and has 3 classes, "
                            + "but blobs has 20 values an example and 4 classes");
        }
    }

    /** Beats the examples of even, or of odd, positions, with any distance. */
    private final class Only extends Attack {
        private final int remainder;

        Only(int remainder) {
            super("only" + remainder, PGD.withEpsilon(1).threat());
            this.remainder = remainder;
        }

        @Override
        protected void perturb(org.saddlepoint.attack.AttackBatch batch) {
            int[] indices = batch.indices().ints(batch.size());
            int[] labels = batch.labels().ints(batch.size());
            float[] x = batch.x().floats(batch.size() * Blobs.FEATURES);
            for (int i = 0; i < batch.size(); i++) {
                if (indices[i] % 2 == remainder) {
                    System.arraycopy(otherThan(labels[i]), 0, x, i * Blobs.FEATURES, Blobs.FEATURES);
                }
            }
            batch.x().write(x);
        }

        /** An example of the data that the model takes for another class. */
        private float[] otherThan(int label) {
            int[] predicted = classifier.predict(DATA.values(0, 300));
            for (int i = 0; i < 300; i++) {
                if (predicted[i] != label) {
                    return DATA.values(i, i + 1);
                }
            }
            throw new AssertionError("the model has one answer only");
        }
    }
}
