package org.saddlepoint.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.AttackBatch;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Cursor;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;
import org.saddlepoint.device.Readback;
import org.saddlepoint.device.Replay;
import org.saddlepoint.device.RowFeed;
import org.saddlepoint.device.RowSource;
import org.saddlepoint.model.BoundModel;
import org.saddlepoint.model.Classifier;

/**
 * One training: the data on the device, all buffers planned, nothing allocated from batch to batch. Losses and predictions
 * stay on the device, in the order of the epoch, and are read when somebody asks.
 */
final class TrainingRun implements AutoCloseable {
    private final Training settings;
    private final Classifier classifier;
    private final Dataset data;
    private final Operations operations;
    private final Owner owner = new Owner();
    private final BufferArena arena;
    private final int batchSize;
    private final AttackBatch batch;
    private final RowFeed inputs;
    private final Readback lossesSoFar;
    private final Readback predictionsSoFar;
    private final Buffer labels;
    private final Buffer order;
    private final Buffer losses;
    private final Buffer predictions;
    private final Buffer batchLosses;
    private final Buffer batchPredictions;
    private final List<Buffer> state = new ArrayList<>();
    private final Cursor cursor;
    private final Replay replay;
    private final Method method;
    private final boolean repeatable;
    /** Weight updates. */
    private final long stepsPerEpoch;

    private long step;
    private int firstEpoch = 1;
    /** Of the epoch at hand. */
    private @Nullable Attack attack;

    private final @Nullable ToDoubleFunction<Classifier> scorer;
    /** Of the last epoch. */
    private double score = Double.NaN;

    private int bestEpoch;
    private double bestScore = Double.NEGATIVE_INFINITY;
    private float @Nullable [] bestParameters;

    TrainingRun(Training settings, Classifier classifier, Dataset data) {
        this.settings = settings;
        this.classifier = classifier;
        this.data = data;
        this.operations = classifier.device().operations();
        this.scorer = settings.score(data);
        Checkpoint from = settings.resume();
        if (from != null) {
            from.requireFit(classifier.model(), settings.optimizer(), settings.seed());
        }
        this.batchSize = Math.min(settings.batchSize(), data.size());
        this.stepsPerEpoch = ((long) data.size() + batchSize - 1) / batchSize * settings.updatesOfABatch();
        if (from != null && from.step() != from.epoch() * stepsPerEpoch) {
            throw new IllegalArgumentException("the checkpoint holds " + from.step() + " updates after epoch "
                    + from.epoch() + ", the training makes " + stepsPerEpoch
                    + " an epoch: data, batch size or replays differ");
        }
        try {
            this.arena = owner.own(classifier.device().arena(), BufferArena::close);
            BoundModel model = owner.own(classifier.bind(batchSize * settings.rowsOfAnExample()), BoundModel::close);
            this.labels = arena.ints(data.size());
            labels.write(data.labels());
            this.order = arena.ints(data.size());
            this.losses = arena.floats(data.size());
            this.predictions = arena.ints(data.size());
            this.batchLosses = arena.floats(batchSize);
            this.batchPredictions = arena.ints(batchSize);
            this.cursor = operations.cursor(arena, Math.toIntExact(stepsPerEpoch));
            this.replay = owner.own(operations.replay(), Replay::close);
            this.lossesSoFar = owner.own(operations.readback(losses), Readback::close);
            this.predictionsSoFar = owner.own(operations.readback(predictions), Readback::close);
            RowSource rows = new RowSource(data.features(), data.bytes(), data.floats());
            this.inputs = owner.own(operations.feed(classifier.device().arena(), rows, batchSize), RowFeed::close);
            for (int i = 0; i < settings.optimizer().stateArrays(); i++) {
                state.add(arena.floats(classifier.model().parameterCount()));
            }
            Attack planned = settings.attack();
            this.repeatable = (planned == null || planned.repeatable())
                    && settings.loss().kind().isPresent();
            RandomStream random = new RandomStream(settings.seed(), Purpose.ATTACK_START, 1);
            this.batch = owner.own(
                    new AttackBatch(model, random, planned != null && planned.restarts() > 1), AttackBatch::close);
            if (planned != null) {
                model.prepare(planned.precision());
            }
            Workplace at = new Workplace(settings, batch, batchLosses, batchPredictions, cursor, state);
            this.method = settings.method(at, arena, batchSize);
        } catch (Throwable e) {
            // Else the classifier could not be closed, and its complaint would hide this one.
            owner.close();
            throw e;
        }
        if (from != null) {
            restore(from);
        }
    }

    private void restore(Checkpoint from) {
        classifier.setParameters(from.parameters());
        for (int i = 0; i < state.size(); i++) {
            state.get(i).write(from.optimizerState()[i]);
        }
        step = from.step();
        firstEpoch = from.epoch() + 1;
        score = from.score();
        bestEpoch = from.bestEpoch();
        bestScore = from.bestScore();
        bestParameters = from.bestParameters();
    }

    void run() {
        int last = firstEpoch - 1;
        while (last < settings.epochs() && !overfitted()) {
            int epoch = ++last;
            int[] permutation = ExampleOrder.of(data.size(), settings.seed(), epoch);
            order.write(permutation);
            cursor.beginEpoch(epoch, step, rates());
            inputs.beginEpoch(permutation);
            attack = settings.attackOf(epoch);
            float radius = attack == null ? 0 : attack.threat().epsilon();
            method.beginEpoch(attack);
            long started = System.nanoTime();
            for (int from = 0; from < data.size(); from += batchSize) {
                int n = Math.min(batchSize, data.size() - from);
                int number = epoch;
                int place = inputs.prepare(from, n);
                if (repeatable) {
                    // Nothing in it depends on more than these but what the cursor says.
                    replay.run(List.of(place, n, radius), () -> trainBatch(number, place, n));
                } else {
                    trainBatch(number, place, n);
                }
                step += settings.updatesOfABatch();
                settings.progressListener().batchDone(new EpochProgress(epoch, from + n, permutation));
            }
            double loss = meanLoss(lossesSoFar.all(data.size()));
            double accuracy = accuracyOf(permutation, predictionsSoFar.all(data.size()));
            double seconds = (System.nanoTime() - started) * 1e-9;
            if (!Double.isFinite(loss)) {
                throw new TrainingException(
                        "the training loss of epoch " + epoch + " is " + loss + ": try a lower learning rate than "
                                + settings.optimizer().learningRate());
            }
            requireFiniteWeights(epoch);
            measure(epoch);
            settings.epochListener()
                    .epochDone(new EpochReport(
                            epoch,
                            settings.epochs(),
                            loss,
                            accuracy,
                            rate(step - 1),
                            seconds,
                            data.size(),
                            score,
                            classifier,
                            checkpointOf(epoch)));
        }
        float[] best = bestParameters;
        if (best != null && (settings.keepsBest() || overfitted())) {
            classifier.setParameters(best);
        }
        if (overfitted()) {
            settings.epochListener().stopped(new Overfitting(last, score, bestEpoch, bestScore));
        }
    }

    private boolean overfitted() {
        return settings.stopsOnOverfitting() && score < bestScore - Overfitting.FALL;
    }

    /** The losses of an epoch say nothing of its last step. */
    private void requireFiniteWeights(int epoch) {
        for (float value : classifier.parameters()) {
            if (!Float.isFinite(value)) {
                throw new TrainingException("a weight is " + value + " after epoch " + epoch
                        + ": try a lower learning rate than "
                        + settings.optimizer().learningRate());
            }
        }
    }

    private List<Operations.OptimizerSettings> rates() {
        List<Operations.OptimizerSettings> rates = new ArrayList<>();
        for (long i = 0; i < stepsPerEpoch; i++) {
            rates.add(settings.optimizer().settings((float) rate(step + i)));
        }
        return rates;
    }

    private void trainBatch(int epoch, int place, int n) {
        operations.nextBatch(n, order, cursor, batch.indices());
        inputs.gather(n, place, batch.indices(), batch.origin());
        operations.gatherLabels(n, labels, batch.indices(), batch.labels());
        for (int again = 1; again < settings.updatesOfABatch(); again++) {
            method.step(epoch, n, attack);
            operations.endBatch(0, batchLosses, batchPredictions, cursor, losses, predictions);
        }
        method.step(epoch, n, attack);
        operations.endBatch(n, batchLosses, batchPredictions, cursor, losses, predictions);
    }

    private double rate(long at) {
        long total = Math.max(1, stepsPerEpoch * settings.epochs());
        return settings.optimizer().learningRate() * settings.schedule().factor(at, total);
    }

    private void measure(int epoch) {
        if (scorer == null) {
            return;
        }
        score = scorer.applyAsDouble(classifier);
        if (score > bestScore) {
            bestEpoch = epoch;
            bestScore = score;
            bestParameters = classifier.parameters();
        }
    }

    private java.util.function.Supplier<Checkpoint> checkpointOf(int epoch) {
        return () -> {
            int length = Math.toIntExact(classifier.model().parameterCount());
            float[][] arrays = state.stream().map(array -> array.floats(length)).toArray(float[][]::new);
            return new Checkpoint(
                    classifier.model(),
                    settings.optimizer().name(),
                    settings.seed(),
                    epoch,
                    step,
                    classifier.parameters(),
                    arrays,
                    score,
                    bestEpoch,
                    bestScore,
                    bestParameters);
        };
    }

    @Override
    public void close() {
        owner.close();
    }

    /** The figures of an epoch so far. */
    private final class EpochProgress implements ProgressListener.Progress {
        private final int epoch;
        private final int done;
        private final int[] permutation;

        EpochProgress(int epoch, int done, int[] permutation) {
            this.epoch = epoch;
            this.done = done;
            this.permutation = permutation;
        }

        @Override
        public int epoch() {
            return epoch;
        }

        @Override
        public int done() {
            return done;
        }

        @Override
        public int samples() {
            return data.size();
        }

        @Override
        public double loss() {
            return meanLoss(arrived(lossesSoFar));
        }

        @Override
        public double accuracy() {
            return accuracyOf(permutation, arrived(predictionsSoFar));
        }

        /** What has arrived of this epoch; asks for more without waiting. */
        private double[] arrived(Readback readback) {
            readback.request(done);
            double[] values = readback.latest();
            return values.length <= done ? values : new double[0]; // else they are of the epoch before
        }
    }

    private static double meanLoss(double[] values) {
        return Arrays.stream(values).sum() / values.length;
    }

    private double accuracyOf(int[] permutation, double[] predicted) {
        int correct = 0;
        for (int i = 0; i < predicted.length; i++) {
            correct += predicted[i] == data.labels()[permutation[i]] ? 1 : 0;
        }
        return (double) correct / predicted.length;
    }
}
