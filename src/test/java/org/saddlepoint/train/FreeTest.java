package org.saddlepoint.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.saddlepoint.model.Layers.batchNorm;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.dropout;
import static org.saddlepoint.model.Layers.relu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.saddlepoint.attack.AttackResult;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.LossReference;
import org.saddlepoint.reference.ModelReference;
import org.saddlepoint.reference.ModelReference.Gradients;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** Free against its definition, its bits, what it buys, and what it refuses. */
class FreeTest {
    private static final int D = Blobs.FEATURES;
    private static final Model MODEL = Model.sequential(dense(D, 24), relu(), dense(24, Blobs.CLASSES));
    /** Two whole batches of 32 and one of 6. */
    private static final Dataset DATA = Blobs.bytes(70, 1);

    private static final ThreatModel THREAT = ThreatModel.of(Norm.LINF, 0.1);

    private final Device device = Device.cpu(2);

    @AfterEach
    void close() {
        device.close();
    }

    private static float[] fit(Training training, Model model, Device device) {
        try (Classifier classifier = training.fit(model, DATA, device)) {
            return classifier.parameters();
        }
    }

    /**
     * SGD by hand, in double, over up to 18 updates at a rate that falls from one to the next. The tolerance is TrainingTest's,
     * of 2,000 roundings; no gradient is so small that float32 takes another sign.
     */
    @ParameterizedTest
    @CsvSource({"LINF, 1, 32", "LINF, 3, 32", "LINF, 4, 70", "L2, 3, 32"})
    void trainingFollowsItsDefinition(Norm norm, int replays, int batchSize) {
        ThreatModel threat = ThreatModel.of(norm, norm == Norm.LINF ? 0.1 : 0.5);
        List<EpochReport> reports = new ArrayList<>();
        float[] actual = fit(
                Training.free(threat, replays)
                        .optimizer(Sgd.learningRate(0.1f))
                        .schedule(Schedule.COSINE)
                        .batchSize(batchSize)
                        .epochs(2)
                        .onEpoch(reports::add),
                MODEL,
                device);
        Sketch sketch = new Sketch(threat, device);
        int updates = 2 * replays * ((69 + batchSize) / batchSize);
        int update = 0;
        for (int epoch = 1; epoch <= 2; epoch++) {
            int[] order = ExampleOrder.of(70, 1, epoch);
            double[][] delta = new double[batchSize][D];
            double loss = 0;
            int correct = 0;
            for (int from = 0; from < 70; from += batchSize) {
                int[] batch = Arrays.copyOfRange(order, from, Math.min(70, from + batchSize));
                for (int replay = 0; replay < replays; replay++, update++) {
                    sketch.step(batch, delta, 0.1 * Schedule.COSINE.factor(update, updates));
                }
                loss += sketch.loss;
                correct += sketch.correct;
            }
            assertThat(reports.get(epoch - 1).loss()).isCloseTo(loss / 70, Offset.offset(200 * Values.ROUNDOFF));
            assertThat(reports.get(epoch - 1).accuracy()).isEqualTo(correct / 70.0);
        }
        assertThat(Values.widen(actual)).containsExactly(sketch.parameters, Offset.offset(200 * Values.ROUNDOFF));
        assertThat(sketch.reused)
                .as("perturbations of other examples that a batch began with")
                .isGreaterThan(0);
    }

    /** Algorithm 1 of Shafahi et al. in double, the perturbation in units of the data. */
    private static final class Sketch {
        final ThreatModel threat;
        final double[] parameters;
        double loss;
        int correct;
        int reused;

        Sketch(ThreatModel threat, Device device) {
            this.threat = threat;
            try (Classifier start = Classifier.initialize(MODEL, device, 1)) {
                parameters = Values.widen(start.parameters());
            }
        }

        void step(int[] batch, double[][] delta, double rate) {
            ModelReference model = new ModelReference(MODEL, parameters.clone());
            loss = 0;
            correct = 0;
            for (int i = 0; i < batch.length; i++) {
                double[] x = Values.widen(DATA.values(batch[i], batch[i] + 1));
                for (int j = 0; j < D; j++) {
                    reused += delta[i][j] == 0 ? 0 : 1;
                    x[j] = Math.clamp(x[j] + delta[i][j], 0, 1);
                }
                int label = DATA.labels()[batch[i]];
                loss += model.loss(LossKind.CROSS_ENTROPY, x, label);
                correct += LossReference.argMax(model.logits(x)) == label ? 1 : 0;
                Gradients gradients = model.gradients(LossKind.CROSS_ENTROPY, x, label);
                for (int p = 0; p < parameters.length; p++) {
                    parameters[p] -= rate * gradients.parameters()[p] / batch.length;
                }
                ascend(delta[i], gradients.input());
            }
        }

        private void ascend(double[] delta, double[] gradient) {
            double epsilon = threat.epsilon();
            double length = length(gradient);
            for (int j = 0; j < D; j++) {
                delta[j] = threat.norm() == Norm.LINF
                        ? Math.clamp(delta[j] + epsilon * Math.signum(gradient[j]), -epsilon, epsilon)
                        : delta[j] + epsilon * gradient[j] / length;
            }
            double far = length(delta);
            if (threat.norm() == Norm.L2 && far > epsilon) {
                for (int j = 0; j < D; j++) {
                    delta[j] *= epsilon / far;
                }
            }
        }

        private static double length(double[] values) {
            return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LINF", "L2"})
    void bitsDependOnSettingsAlone(Norm norm) {
        Model model = Model.sequential(dense(D, 24), batchNorm(24), relu(), dropout(0.2f), dense(24, Blobs.CLASSES));
        Training training =
                Training.free(ThreatModel.of(norm, 0.1), 3).batchSize(32).epochs(2);
        float[] expected = fit(training, model, device);
        assertThat(fit(training, model, device)).as("replay").containsExactly(expected);
        try (Device single = Device.cpu(1)) {
            assertThat(fit(training, model, single)).as("1 thread").containsExactly(expected);
        }
        assertThat(fit(training.seed(2), model, device)).as("another seed").isNotEqualTo(expected);
    }

    @Test
    void aRadiusOfZeroAndOneReplayAreStandardTraining() {
        Training still = Training.free(ThreatModel.of(Norm.LINF, 0), 1);
        assertThat(fit(still.batchSize(32).epochs(2), MODEL, device))
                .containsExactly(fit(Training.standard().batchSize(32).epochs(2), MODEL, device));
    }

    /** On the examples of the training, which a standard network learns as well, but not robustly; equal numbers of updates. */
    @Test
    void itBuysRobustness() {
        double standard = robust(Training.standard().epochs(60));
        double free = robust(Training.free(THREAT, 6).epochs(10));
        assertThat(free).isGreaterThan(standard + 0.1);
    }

    private double robust(Training training) {
        Training whole = training.optimizer(Adam.learningRate(0.01f)).batchSize(32);
        try (Classifier classifier = whole.fit(MODEL, DATA, device)) {
            AttackResult result =
                    Pgd.linf(0.1).steps(5).build().run(classifier, DATA.values(0, DATA.size()), DATA.labels());
            int held = 0;
            for (boolean success : result.success()) {
                held += success ? 0 : 1;
            }
            return (double) held / DATA.size();
        }
    }

    /** A loss that runs on the host cannot be recorded: the same steps are done one by one. */
    @Test
    void aUsersLossTrainsAsTheDevicesOwn() {
        Training own = Training.free(THREAT, 3).loss(Losses.perExample("own", (z, y, gradient) -> {
            double[] slope = LossReference.gradient(LossKind.CROSS_ENTROPY, Values.widen(z), y);
            for (int j = 0; j < z.length; j++) {
                gradient[j] = (float) slope[j];
            }
            return LossReference.value(LossKind.CROSS_ENTROPY, Values.widen(z), y);
        }));
        Sgd sgd = Sgd.learningRate(0.1f);
        float[] expected = fit(Training.free(THREAT, 3).optimizer(sgd).epochs(2), MODEL, device);
        assertThat(Values.widen(fit(own.optimizer(sgd).epochs(2), MODEL, device)))
                .containsExactly(Values.widen(expected), Offset.offset(200 * Values.ROUNDOFF));
    }

    @Test
    void whatItCannotDoIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Training.free(THREAT, 0))
                .withMessage("replays is 0: it must lie in 1..1000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Training.free(THREAT, 1001))
                .withMessage("replays is 1001: it must lie in 1..1000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Training.free(ThreatModel.of(Norm.L1, 1), 8))
                .withMessage("the norm is l1: Free takes linf or l2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Training.free(THREAT, 8).cleanShare(0.5))
                .withMessage("clean share is 0.5: it must be 0 with Free, which perturbs every example");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Training.free(THREAT, 8).attack(Pgd.linf(0.1).build()))
                .withMessageEndingWith("Free has a perturbation of its own");
        List<Checkpoint> checkpoints = new ArrayList<>();
        Training three = Training.free(THREAT, 3)
                .epochs(1)
                .onEpoch(report -> checkpoints.add(report.checkpoint().get()));
        fit(three, MODEL, device);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fit(Training.free(THREAT, 2).epochs(2).resume(checkpoints.getFirst()), MODEL, device))
                .withMessageEndingWith("data, batch size or replays differ");
    }
}
