package org.saddlepoint.train;

import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.Fgsm;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * The settings of a training, completed by name and run by {@link #fit}. Every choice is a parameter. A run's bits follow
 * from these settings, the data and the device's properties: at any number of threads, replayed, or resumed.
 */
public final class Training {
    private @Nullable Attack attack;
    private @Nullable Float tradesBeta;
    /** Of Free; 0 in other methods. */
    private int replays;

    private Optimizer optimizer = Adam.learningRate(1e-3f);
    private Schedule schedule = Schedule.CONSTANT;
    private Loss loss = Losses.CROSS_ENTROPY;
    private int batchSize = 32;
    private int epochs = 10;
    private double cleanShare;
    private int epsilonWarmup;
    private long seed = 1;
    private EpochListener epochListener = report -> {};
    private ProgressListener progressListener = progress -> {};
    private @Nullable ToDoubleFunction<Classifier> score;
    private boolean stopOnOverfitting;
    private @Nullable Checkpoint resume;

    private Training() {}

    /**
     * Training on the data as they are.
     *
     * @return settings, to be completed: Adam 0.001, cross-entropy, batch 32, 10 epochs, seed 1
     */
    public static Training standard() {
        return new Training();
    }

    /**
     * TRADES (Zhang et al. 2019): descends the cross-entropy of clean examples plus beta * KL(clean || perturbed), and
     * perturbs by ascent on that divergence.
     *
     * @param attack threat model, steps, step size and precision of the ascent; its start is TRADES' own, N(0, 0.001^2)
     * @param beta what robustness weighs, finite and at least 0; the paper: 6
     * @return settings, to be completed: Adam 0.001, batch 32, 10 epochs, seed 1
     */
    public static Training trades(Pgd attack, double beta) {
        if (!(beta >= 0) || Double.isInfinite(beta)) {
            throw new IllegalArgumentException("beta is " + beta + ": it must be a finite number of at least 0");
        }
        Training training = new Training();
        training.tradesBeta = (float) beta;
        return training.attack(attack);
    }

    /**
     * Free adversarial training (Shafahi et al. 2019, algorithm 1): each batch is trained on m times in a row, and the pass
     * that moves the weights moves the perturbation too, by a step of epsilon. An update costs one pass forward and one
     * back, as in standard training. The perturbation goes on from replay to replay and from batch to batch, and is zero at the start of an epoch.
     *
     * <p>{@link #epochs} are passes over the data, of m updates a batch each: the paper trains N_ep / m of them where other
     * methods train N_ep. Schedules run over all updates.
     *
     * @param threat L-inf, or L2 with a step along the gradient's direction
     * @param replays m, in 1..1000; the paper: 8
     * @return settings, to be completed: Adam 0.001, cross-entropy, batch 32, 10 epochs, seed 1
     */
    public static Training free(ThreatModel threat, int replays) {
        if (replays < 1 || replays > 1000) {
            throw new IllegalArgumentException("replays is " + replays + ": it must lie in 1..1000");
        }
        if (threat.norm() == Norm.L1) {
            throw new IllegalArgumentException("the norm is l1: Free takes linf or l2");
        }
        Training training =
                new Training().attack(Fgsm.of(threat.norm(), threat.epsilon()).build());
        training.replays = replays;
        return training;
    }

    /**
     * The attack on every batch.
     *
     * @param value in its training form: last iterate, the worst of its restarts, no verdict
     * @return these settings
     */
    public Training attack(Attack value) {
        if (value.targeted()) {
            throw new IllegalArgumentException("training against a targeted attack would teach the model the targets");
        }
        if (tradesBeta != null && (!(value instanceof Pgd) || value.restarts() > 1)) {
            throw new IllegalArgumentException("the attack of TRADES is " + value
                    + ": it must be PGD with one start, of which TRADES takes the steps");
        }
        if (replays > 0) {
            throw new IllegalArgumentException("the attack is " + value + ": Free has a perturbation of its own");
        }
        this.attack = value.forTraining();
        return this;
    }

    /**
     * The optimizer.
     *
     * @param value SGD, Adam or AdamW
     * @return these settings
     */
    public Training optimizer(Optimizer value) {
        this.optimizer = value;
        return this;
    }

    /**
     * How the learning rate moves.
     *
     * @param value constant by default
     * @return these settings
     */
    public Training schedule(Schedule value) {
        this.schedule = value;
        return this;
    }

    /**
     * The loss of the weight update. (An attack has a loss of its own.)
     *
     * @param value cross-entropy by default
     * @return these settings
     */
    public Training loss(Loss value) {
        if (tradesBeta != null && !value.equals(Losses.CROSS_ENTROPY)) {
            throw new IllegalArgumentException("the loss is " + value.name() + ": TRADES has a loss of its own");
        }
        this.loss = value;
        return this;
    }

    /**
     * Examples of a weight update; the last, smaller batch of an epoch is trained on too.
     *
     * @param value at least 1
     * @return these settings
     */
    public Training batchSize(int value) {
        this.batchSize = atLeast(1, value, "batch size");
        return this;
    }

    /**
     * Passes over the data.
     *
     * @param value at least 0
     * @return these settings
     */
    public Training epochs(int value) {
        this.epochs = atLeast(0, value, "epochs");
        return this;
    }

    /**
     * The share of each batch that is trained on as it is instead of attacked.
     *
     * @param value in [0,1]
     * @return these settings
     */
    public Training cleanShare(double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("clean share is " + value + ": it must lie in [0,1]");
        }
        if (tradesBeta != null && value > 0) {
            throw new IllegalArgumentException(
                    "clean share is " + value + ": it must be 0 with TRADES, which trains on every clean example");
        }
        if (replays > 0 && value > 0) {
            throw new IllegalArgumentException(
                    "clean share is " + value + ": it must be 0 with Free, which perturbs every example");
        }
        this.cleanShare = value;
        return this;
    }

    /**
     * Epochs over which the attack's radius grows to its own: epoch e of w trains at e / (w + 1) of it. A network that is
     * attacked at a large radius from the start may never get away from guessing.
     *
     * @param value w, at least 0; above 0 the attack must have a form for another radius ({@link Attack#withEpsilon})
     * @return these settings
     */
    public Training epsilonWarmup(int value) {
        if (value < 0) {
            throw new IllegalArgumentException("epochs of warm-up are " + value + ": at least 0");
        }
        this.epsilonWarmup = value;
        return this;
    }

    /**
     * From which initial weights, order of examples and random starts follow.
     *
     * @param value any number
     * @return these settings
     */
    public Training seed(long value) {
        this.seed = value;
        return this;
    }

    /**
     * Who is told of every epoch.
     *
     * @param value called on the training thread
     * @return these settings
     */
    public Training onEpoch(EpochListener value) {
        this.epochListener = value;
        return this;
    }

    /**
     * Who is told of every batch.
     *
     * @param value called on the training thread
     * @return these settings
     */
    public Training onBatch(ProgressListener value) {
        this.progressListener = value;
        return this;
    }

    /**
     * Keeps the weights of the epoch that scores highest instead of the last (robust overfitting: Rice et al. 2020).
     *
     * @param value of a model after an epoch, on held-out data that is not the test set; the first of equals wins
     * @return these settings
     */
    public Training keepBest(ToDoubleFunction<Classifier> value) {
        this.score = value;
        return this;
    }

    /**
     * Whether training stops when its robust accuracy falls suddenly, as it may against single-step attacks (catastrophic
     * overfitting: Wong et al. 2020): by more than 0.2 below the best epoch's, whose weights are then kept. The listener of epochs
     * is told ({@link EpochListener#stopped}).
     *
     * <p>After every epoch the score of {@link #keepBest} is taken, which should then be an accuracy; without one, robust
     * accuracy on the first 500 examples of the training, against PGD-5 with steps of a quarter of the attack's whole epsilon.
     *
     * @param value false by default; true needs an attack or a score
     * @return these settings
     */
    public Training stopOnOverfitting(boolean value) {
        this.stopOnOverfitting = value;
        return this;
    }

    /**
     * Goes on from a checkpoint to the same bits as a run that was never interrupted. All other settings must be those of
     * that run.
     *
     * @param value of an {@link EpochReport}
     * @return these settings
     */
    public Training resume(Checkpoint value) {
        this.resume = value;
        return this;
    }

    /**
     * Trains a fresh model.
     *
     * @param model the architecture
     * @param data to train on, with the model's input size and number of classes
     * @param device where
     * @return the trained classifier, to be closed by the caller
     * @throws IllegalArgumentException where model and data, or checkpoint and settings, do not fit
     * @throws TrainingException where the loss becomes NaN or infinite
     */
    public Classifier fit(Model model, Dataset data, Device device) {
        requireFit(model, data);
        Classifier classifier = Classifier.initialize(model, device, seed);
        try {
            fit(classifier, data);
            return classifier;
        } catch (Throwable e) {
            classifier.close();
            throw e;
        }
    }

    /**
     * Trains a classifier further, in place.
     *
     * @param classifier not used by anyone else meanwhile
     * @param data to train on
     */
    public void fit(Classifier classifier, Dataset data) {
        requireFit(classifier.model(), data);
        try (TrainingRun run = new TrainingRun(this, classifier, data)) {
            run.run();
        }
    }

    /**
     * Refuses a model that does not fit data.
     *
     * @param model the model
     * @param data the data
     * @throws IllegalArgumentException naming both shapes
     */
    public static void requireFit(Model model, Dataset data) {
        if (model.input().size() != data.features() || model.classes() < data.classes()) {
            throw new IllegalArgumentException(
                    "the model " + model + " takes " + model.input().size()
                            + " values and has " + model.classes() + " classes, but " + data.name() + " has "
                            + data.features() + " values an example and " + data.classes() + " classes");
        }
        if (data.size() == 0) {
            throw new IllegalArgumentException("the training set " + data.name() + " is empty");
        }
    }

    private static int atLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + ": it must be at least " + least);
        }
        return value;
    }

    @Nullable
    Attack attack() {
        return attack;
    }

    Optimizer optimizer() {
        return optimizer;
    }

    Schedule schedule() {
        return schedule;
    }

    Loss loss() {
        return loss;
    }

    int batchSize() {
        return batchSize;
    }

    int epochs() {
        return epochs;
    }

    double cleanShare() {
        return cleanShare;
    }

    /** Rows of the model's batch for each example. */
    int rowsOfAnExample() {
        return tradesBeta == null ? 1 : TradesMethod.ROWS;
    }

    /** Weight updates in a row on each batch. */
    int updatesOfABatch() {
        return Math.max(1, replays);
    }

    /** How a batch moves the weights; its buffers, for batches of so many examples, are the arena's. */
    Method method(Workplace at, BufferArena arena, int examples) {
        if (tradesBeta != null) {
            return new TradesMethod(at, arena, examples, tradesBeta);
        }
        return replays > 0 ? new FreeMethod(at, arena, examples) : new PerturbedMethod(at);
    }

    /** The attack of an epoch, from 1. */
    @Nullable
    Attack attackOf(int epoch) {
        Attack full = attack;
        if (full == null || epoch > epsilonWarmup) {
            return full;
        }
        return full.withEpsilon(full.threat().epsilon() * epoch / (epsilonWarmup + 1.0));
    }

    long seed() {
        return seed;
    }

    EpochListener epochListener() {
        return epochListener;
    }

    ProgressListener progressListener() {
        return progressListener;
    }

    boolean keepsBest() {
        return score != null;
    }

    boolean stopsOnOverfitting() {
        return stopOnOverfitting;
    }

    /** What measures a model after every epoch; null where nothing does. */
    @Nullable
    ToDoubleFunction<Classifier> score(Dataset data) {
        if (score != null || !stopOnOverfitting) {
            return score;
        }
        if (attack == null) {
            throw new IllegalArgumentException(
                    "standard training cannot stop on overfitting without a score (keepBest)");
        }
        return new BriefRobustness(attack.threat(), data, seed);
    }

    @Nullable
    Checkpoint resume() {
        return resume;
    }
}
