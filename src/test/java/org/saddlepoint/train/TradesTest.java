package org.saddlepoint.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.saddlepoint.model.Layers.batchNorm;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.dropout;
import static org.saddlepoint.model.Layers.relu;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.saddlepoint.attack.AttackResult;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.DivergenceReference;
import org.saddlepoint.reference.ModelReference;
import org.saddlepoint.reference.PhiloxReference;
import org.saddlepoint.reference.StartReference;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;

/** TRADES against its definition, its bits, what it buys, and what it refuses. */
class TradesTest {
    private static final int D = Blobs.FEATURES;
    private static final Model MODEL = Model.sequential(dense(D, 24), relu(), dense(24, Blobs.CLASSES));
    /** Two whole batches of 32 and one of 6. */
    private static final Dataset DATA = Blobs.bytes(70, 1);

    private final Device device = Device.cpu(2);

    @AfterEach
    void close() {
        device.close();
    }

    private static Training training() {
        return Training.trades(Pgd.linf(0.1).steps(3).build(), 6).batchSize(32).epochs(2);
    }

    private float[] fit(Training training) {
        return fit(training, MODEL, device);
    }

    private static float[] fit(Training training, Model model, Device device) {
        try (Classifier classifier = training.fit(model, DATA, device)) {
            return classifier.parameters();
        }
    }

    /** The gradients with respect to logits, by central differences in double: an error of h^2 and of 1e-16 / h. */
    @Test
    void gradientsAreThoseOfTheLosses() {
        double[] clean = {0.3, -1.2, 2.1, 0.4};
        double[] perturbed = {1.3, -0.2, 0.1, -0.4};
        double[] ofClean = DivergenceReference.tradesGradient(clean, perturbed, 1, 6);
        double[] ofPerturbed = DivergenceReference.gradient(perturbed, clean);
        double h = 1e-5;
        for (int j = 0; j < clean.length; j++) {
            double[] up = clean.clone();
            double[] down = clean.clone();
            up[j] += h;
            down[j] -= h;
            double slope =
                    DivergenceReference.trades(up, perturbed, 1, 6) - DivergenceReference.trades(down, perturbed, 1, 6);
            assertThat(ofClean[j]).isCloseTo(slope / (2 * h), Offset.offset(1e-8));
            up = perturbed.clone();
            down = perturbed.clone();
            up[j] += h;
            down[j] -= h;
            slope = DivergenceReference.value(up, clean) - DivergenceReference.value(down, clean);
            assertThat(ofPerturbed[j]).isCloseTo(slope / (2 * h), Offset.offset(1e-8));
        }
    }

    /**
     * One SGD step from the Gaussian start, which steps of no length leave: central differences of the mean loss over all
     * weights, in double. A large beta makes the small divergence count; it multiplies float32's error in logits too.
     */
    @Test
    void aStepFollowsItsDefinition() {
        double beta = 3e3;
        float rate = 0.1f;
        Pgd still = Pgd.linf(0.1).steps(1).stepSize(1e-30).build();
        float[] actual = fit(Training.trades(still, beta)
                .optimizer(Sgd.learningRate(rate))
                .batchSize(70)
                .epochs(1));
        double[] start;
        try (Classifier fresh = Classifier.initialize(MODEL, device, 1)) {
            start = Values.widen(fresh.parameters());
        }
        double[][] x = new double[70][];
        double[][] moved = new double[70][];
        int word = new RandomStream(1, Purpose.ATTACK_START, 1).word();
        for (int i = 0; i < 70; i++) {
            int index = i;
            x[i] = Values.widen(DATA.values(i, i + 1));
            moved[i] = x[i].clone();
            double[] normal = StartReference.gaussian(D, e -> PhiloxReference.word(1, e, index, 0, word));
            for (int j = 0; j < D; j++) {
                moved[i][j] = Math.clamp(moved[i][j] + 0.001 * normal[j], 0, 1);
            }
        }
        double h = 1e-6;
        double divergenceCounts = 0;
        for (int p = 0; p < start.length; p++) {
            double slope = slope(start, p, h, x, moved, beta);
            divergenceCounts = Math.max(divergenceCounts, Math.abs(slope - slope(start, p, h, x, moved, 0)));
            assertThat((start[p] - actual[p]) / rate).as("weight %d", p).isCloseTo(slope, Offset.offset(2e-4));
        }
        assertThat(divergenceCounts).isGreaterThan(4e-3);
    }

    private static double slope(double[] at, int p, double h, double[][] x, double[][] moved, double beta) {
        double[] up = at.clone();
        double[] down = at.clone();
        up[p] += h;
        down[p] -= h;
        return (loss(up, x, moved, beta) - loss(down, x, moved, beta)) / (2 * h);
    }

    private static double loss(double[] parameters, double[][] x, double[][] moved, double beta) {
        ModelReference model = new ModelReference(MODEL, parameters);
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += DivergenceReference.trades(model.logits(x[i]), model.logits(moved[i]), DATA.labels()[i], beta);
        }
        return sum / x.length;
    }

    /** With nothing to divide clean from perturbed, and with no weight on it. */
    @Test
    void withoutADivergenceItIsStandardTraining() {
        double[] standard = Values.widen(fit(Training.standard()
                .optimizer(Sgd.learningRate(0.1f))
                .batchSize(32)
                .epochs(2)));
        Offset<Double> within = Offset.offset(200 * Values.ROUNDOFF);
        Training still = Training.trades(Pgd.linf(0).stepSize(1).steps(1).build(), 6);
        Training unweighted = Training.trades(Pgd.linf(0.1).steps(3).build(), 0);
        for (Training training : new Training[] {still, unweighted}) {
            float[] actual =
                    fit(training.optimizer(Sgd.learningRate(0.1f)).batchSize(32).epochs(2));
            assertThat(Values.widen(actual)).containsExactly(standard, within);
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void bitsDependOnSettingsAlone(Norm norm) {
        Model model = Model.sequential(dense(D, 24), batchNorm(24), relu(), dropout(0.2f), dense(24, Blobs.CLASSES));
        Pgd attack = Pgd.of(norm, 0.1).steps(3).build();
        Training training = Training.trades(attack, 6).batchSize(32).epochs(2);
        float[] expected = fit(training, model, device);
        assertThat(fit(training, model, device)).as("replay").containsExactly(expected);
        try (Device single = Device.cpu(1)) {
            assertThat(fit(training, model, single)).as("1 thread").containsExactly(expected);
        }
        assertThat(fit(training.seed(2), model, device)).as("another seed").isNotEqualTo(expected);
    }

    /** On the examples of the training, which a standard network learns as well, but not robustly. */
    @Test
    void itBuysRobustness() {
        Pgd attack = Pgd.linf(0.1).steps(5).build();
        double standard = robust(Training.standard(), attack);
        double trades = robust(Training.trades(attack, 6), attack);
        assertThat(trades).isGreaterThan(standard + 0.1);
    }

    private double robust(Training training, Pgd attack) {
        Training whole =
                training.optimizer(Adam.learningRate(0.01f)).batchSize(32).epochs(60);
        try (Classifier classifier = whole.fit(MODEL, DATA, device)) {
            AttackResult result = attack.run(classifier, DATA.values(0, DATA.size()), DATA.labels());
            int held = 0;
            for (boolean success : result.success()) {
                held += success ? 0 : 1;
            }
            return (double) held / DATA.size();
        }
    }

    @Test
    void whatItCannotDoIsRefused() {
        Pgd attack = Pgd.linf(0.1).steps(3).build();
        for (double beta : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Training.trades(attack, beta))
                    .withMessage("beta is " + beta + ": it must be a finite number of at least 0");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> training().cleanShare(0.5))
                .withMessage("clean share is 0.5: it must be 0 with TRADES, which trains on every clean example");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> training().loss(Losses.MEAN_SQUARED_ERROR))
                .withMessageEndingWith("TRADES has a loss of its own");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Training.trades(Pgd.linf(0.1).restarts(2).build(), 6))
                .withMessageEndingWith("it must be PGD with one start, of which TRADES takes the steps");
    }
}
