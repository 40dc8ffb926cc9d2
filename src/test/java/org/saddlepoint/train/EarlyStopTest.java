package org.saddlepoint.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.saddlepoint.attack.FgsmRs;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.evaluate.Evaluation;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;

/** A training whose robust accuracy collapses stops, and hands out the weights from before. */
class EarlyStopTest {
    private static final Model MODEL = Model.sequential(dense(Blobs.FEATURES, 24), relu(), dense(24, Blobs.CLASSES));
    private static final Dataset DATA = Blobs.bytes(600, 1);

    @TempDir
    private Path directory;

    private final Device device = Device.cpu(2);

    @AfterEach
    void close() {
        device.close();
    }

    /** What a training did, epoch by epoch. */
    private static class Watch implements EpochListener {
        final List<Double> scores = new ArrayList<>();
        final List<float[]> weights = new ArrayList<>();
        final List<Checkpoint> checkpoints = new ArrayList<>();
        final List<Overfitting> stops = new ArrayList<>();

        @Override
        public void epochDone(EpochReport report) {
            scores.add(report.score());
            weights.add(report.classifier().parameters());
            checkpoints.add(report.checkpoint().get());
        }

        @Override
        public void stopped(Overfitting overfitting) {
            stops.add(overfitting);
        }
    }

    private float[] fit(Training training, Watch watch) {
        try (Classifier classifier = training.onEpoch(watch).fit(MODEL, DATA, device)) {
            return classifier.parameters();
        }
    }

    private static Training training() {
        return AdversarialTraining.with(FgsmRs.linf(0.1).build()).batchSize(100).epochs(6);
    }

    /** A score that follows a script, from an epoch on. */
    private static Training scripted(int epoch, double... scores) {
        int[] next = {epoch - 1};
        return training().keepBest(classifier -> scores[next[0]++]).stopOnOverfitting(true);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.39, 0.0})
    void aCollapseEndsTheTraining(double collapsed) {
        Watch watch = new Watch();
        float[] kept = fit(scripted(1, 0.3, 0.6, 0.5, 0.6, collapsed, 0.9), watch);
        assertThat(watch.scores).containsExactly(0.3, 0.6, 0.5, 0.6, collapsed);
        assertThat(watch.stops).containsExactly(new Overfitting(5, collapsed, 2, 0.6));
        assertThat(kept).containsExactly(watch.weights.get(1)).isNotEqualTo(watch.weights.get(3));
    }

    @Test
    void aSmallFallDoesNot() {
        Watch watch = new Watch();
        float[] kept = fit(scripted(1, 0.3, 0.6, 0.41, 0.5, 0.45, 0.7), watch);
        assertThat(watch.stops).isEmpty();
        assertThat(kept).containsExactly(watch.weights.get(5));
        Watch off = new Watch();
        fit(scripted(1, 0.3, 0.6, 0, 0, 0, 0).stopOnOverfitting(false), off);
        assertThat(off.stops).isEmpty();
        assertThat(off.scores).hasSize(6);
    }

    @Test
    void aResumedTrainingStopsWhereTheWholeOneDoes() throws IOException {
        double[] scores = {0.3, 0.6, 0.5, 0.1, 0.9, 0.9};
        Watch whole = new Watch();
        float[] expected = fit(scripted(1, scores), whole);
        assertThat(whole.checkpoints).hasSize(4);
        Path file = directory.resolve("checkpoint");
        for (Checkpoint checkpoint : whole.checkpoints) {
            checkpoint.write(file);
            Watch rest = new Watch();
            int next = checkpoint.epoch() + 1;
            float[] actual = fit(scripted(next, scores).resume(Checkpoint.read(file)), rest);
            assertThat(actual).as("from epoch %d", next).containsExactly(expected);
            assertThat(rest.scores).hasSize(4 - checkpoint.epoch());
            assertThat(rest.stops).isEqualTo(whole.stops);
        }
    }

    /**
     * Measured on the first 500 training examples. An attack that does nothing leaves a robustness that comes and slowly goes:
     * where that is no collapse the last weights are handed out, not the best.
     */
    @Test
    void withoutAScoreItMeasuresForItself() {
        Pgd idle = Pgd.linf(0.15).steps(1).stepSize(1e-30).randomStart(false).build();
        Pgd attack = Pgd.linf(0.15).steps(5).relativeStepSize(0.25).build();
        List<Double> expected = new ArrayList<>();
        Watch watch = new Watch() {
            @Override
            public void epochDone(EpochReport report) {
                super.epochDone(report);
                Evaluation evaluation = Evaluation.of(report.classifier()).seed(3);
                expected.add(
                        evaluation.against(attack).on(DATA.limit(500)).robust().value());
            }
        };
        float[] last = fit(
                AdversarialTraining.with(idle)
                        .optimizer(Adam.learningRate(0.01f))
                        .batchSize(20)
                        .epochs(12)
                        .seed(3)
                        .stopOnOverfitting(true),
                watch);
        assertThat(watch.scores).isEqualTo(expected).hasSize(12);
        assertThat(Collections.max(watch.scores)).isGreaterThan(watch.scores.getLast());
        assertThat(watch.stops).isEmpty();
        assertThat(last).containsExactly(watch.weights.getLast());
    }

    @Test
    void standardTrainingHasNothingToStopOn() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fit(Training.standard().stopOnOverfitting(true), new Watch()))
                .withMessage("standard training cannot stop on overfitting without a score (keepBest)");
    }
}
