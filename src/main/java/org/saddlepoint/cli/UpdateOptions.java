package org.saddlepoint.cli;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.cli.Choices.LossName;
import org.saddlepoint.cli.Choices.OptimizerName;
import org.saddlepoint.train.Adam;
import org.saddlepoint.train.Optimizer;
import org.saddlepoint.train.Schedule;
import org.saddlepoint.train.Sgd;
import org.saddlepoint.train.Training;
import picocli.CommandLine.Option;

/** How weights are moved. */
final class UpdateOptions {
    @Option(
            names = "--loss",
            paramLabel = "LOSS",
            defaultValue = "cross-entropy",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private LossName loss;

    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            defaultValue = "adam",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private OptimizerName optimizer;

    @Option(
            names = "--learning-rate",
            paramLabel = "RATE",
            description = "Default: 0.001 for adam and adamw, 0.1 for sgd.")
    private @Nullable Double learningRate;

    @Option(
            names = "--momentum",
            paramLabel = "M",
            defaultValue = "0",
            description = "Momentum of sgd, in [0,1). Default: ${DEFAULT-VALUE}.")
    private Double momentum;

    @Option(
            names = "--weight-decay",
            paramLabel = "D",
            description = "Decoupled for adamw, added to the gradient else. Default: 0.01 for adamw, else 0.")
    private @Nullable Double weightDecay;

    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            defaultValue = "constant",
            completionCandidates = Choices.Schedules.class,
            description = "Learning rate over training: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Schedule schedule;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "32",
            description = "Examples of a weight update. Default: ${DEFAULT-VALUE}.")
    private int batchSize;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "10",
            description = "Passes over the training examples. Default: ${DEFAULT-VALUE}.")
    private int epochs;

    void check() {
        if (learningRate != null) {
            Require.above("--learning-rate", learningRate, 0);
        }
        if (!(momentum >= 0 && momentum < 1)) {
            throw new UsageException("--momentum is " + momentum + ": it must be at least 0 and below 1");
        }
        if (momentum > 0 && optimizer != OptimizerName.SGD) {
            throw new UsageException(
                    "--momentum is " + momentum + " with --optimizer " + optimizer + ": it belongs to sgd alone");
        }
        if (weightDecay != null) {
            Require.atLeast("--weight-decay", weightDecay, 0);
        }
        Require.atLeast("--batch-size", batchSize, 1);
        Require.atLeast("--epochs", epochs, 1);
        optimizer();
    }

    /** Puts these settings into a training. */
    Training apply(Training training) {
        return training.loss(loss.loss())
                .optimizer(optimizer())
                .schedule(schedule)
                .batchSize(batchSize)
                .epochs(epochs);
    }

    private Optimizer optimizer() {
        double rate = learningRate != null ? learningRate : optimizer == OptimizerName.SGD ? 0.1 : 0.001;
        double decay = weightDecay != null ? weightDecay : optimizer == OptimizerName.ADAMW ? 0.01 : 0;
        return switch (optimizer) {
            case SGD ->
                Sgd.learningRate((float) rate)
                        .withMomentum((float) (double) momentum)
                        .withWeightDecay((float) decay);
            case ADAM -> Adam.learningRate((float) rate).withWeightDecay((float) decay);
            case ADAMW -> Adam.decoupled((float) rate, (float) decay);
        };
    }

    int epochs() {
        return epochs;
    }

    int batchSize() {
        return batchSize;
    }
}
