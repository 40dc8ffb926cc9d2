package org.saddlepoint.train;

import java.util.Arrays;
import org.saddlepoint.attack.Fgsm;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.Victim;

/**
 * Fits a model to an oracle's labels, so that white-box attacks on the model can be tried on the oracle (Papernot et al.
 * 2017, "Practical black-box attacks against machine learning", algorithm 1). In every round the oracle labels the new
 * examples and the model is trained on all so far; before every round but the first, Jacobian-based augmentation gives each
 * example a neighbour, x + lambda sign(dF_y/dx) within [0,1], where F_y is the model's output for the oracle's label; lambda
 * changes its sign after every three rounds.
 *
 * <p>Bits follow from the settings, the data, the oracle and the device's properties.
 */
public final class Substitute {
    /** Augmentations after which the step turns around: the paper's periodical step size. */
    private static final int PERIOD = 3;

    private final Victim oracle;
    private final Model model;
    private float[] data = {};
    private int rounds = 4;
    private int queries = Integer.MAX_VALUE;
    private double step = 0.1;
    private Training training = Training.standard();
    private long seed = 1;

    private Substitute(Victim oracle, Model model) {
        this.oracle = oracle;
        this.model = model;
    }

    /**
     * A model that was fitted.
     *
     * @param classifier on the oracle's device, to be closed by the caller
     * @param queries that the oracle was asked in all
     */
    public record Fitted(Classifier classifier, int queries) {}

    /**
     * Settings for an oracle.
     *
     * @param oracle asked for labels alone
     * @param model with the oracle's inputs and classes; it need not be like what is behind the oracle
     * @return to be completed: 4 rounds, no limit to queries, lambda 0.1, {@link Training#standard}, seed 1
     */
    public static Substitute of(Victim oracle, Model model) {
        if (model.input().size() != oracle.input().size() || model.classes() != oracle.classes()) {
            throw new IllegalArgumentException("the model " + model + " takes "
                    + model.input().size() + " values and has " + model.classes() + " classes, but " + oracle
                    + " takes " + oracle.input().size() + " and has " + oracle.classes());
        }
        return new Substitute(oracle, model);
    }

    /**
     * The first examples; a few of each class serve.
     *
     * @param x N x d values in [0,1], at least one example
     * @return these settings
     */
    public Substitute data(float[] x) {
        int d = oracle.input().size();
        if (x.length == 0 || x.length % d != 0) {
            throw new IllegalArgumentException(
                    x.length + " values were given: they must be one or more inputs of " + d + " values");
        }
        this.data = x.clone();
        return this;
    }

    /**
     * Rounds of training; each but the first doubles the examples, as far as the budget goes.
     *
     * @param value 1..20
     * @return these settings
     */
    public Substitute rounds(int value) {
        if (value < 1 || value > 20) {
            throw new IllegalArgumentException("rounds is " + value + ": it must lie in 1..20");
        }
        this.rounds = value;
        return this;
    }

    /**
     * The budget.
     *
     * @param value queries that the oracle may be asked in all, at least 1; a round of which not all can be asked takes a
     *     random part of its new examples
     * @return these settings
     */
    public Substitute queries(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("the budget is " + value + " queries: it must be at least 1");
        }
        this.queries = value;
        return this;
    }

    /**
     * How far neighbours are.
     *
     * @param lambda in (0,1], per value
     * @return these settings
     */
    public Substitute step(double lambda) {
        if (!(lambda > 0 && lambda <= 1)) {
            throw new IllegalArgumentException("lambda is " + lambda + ": it must lie above 0 and up to 1");
        }
        this.step = lambda;
        return this;
    }

    /**
     * How each round trains; weights go on from the round before.
     *
     * @param value by default {@link Training#standard}
     * @return these settings
     */
    public Substitute training(Training value) {
        this.training = value;
        return this;
    }

    /**
     * From which the model's first weights and the choice among neighbours follow.
     *
     * @param value 1 by default
     * @return these settings
     */
    public Substitute seed(long value) {
        this.seed = value;
        return this;
    }

    /**
     * Asks and trains.
     *
     * @return the model, and what it took
     * @throws IllegalArgumentException where there are no data, or more than the budget allows to ask about
     */
    public Fitted fit() {
        int d = oracle.input().size();
        int first = data.length / d;
        if (first == 0) {
            throw new IllegalArgumentException("a substitute needs examples to ask about: give it data");
        }
        if (first > queries) {
            throw new IllegalArgumentException("the budget is " + queries + " queries, but each of the " + first
                    + " examples takes one: give fewer, or a larger budget");
        }
        float[] x = data;
        int[] labels = labels(x);
        Classifier classifier = Classifier.initialize(model, oracle.device(), seed);
        try {
            for (int round = 0; round < rounds; round++) {
                int left = queries - labels.length;
                if (round > 0 && left > 0) {
                    float[] more = neighbours(classifier, x, labels, round - 1, left);
                    labels = joined(labels, labels(more));
                    float[] all = Arrays.copyOf(x, Math.addExact(x.length, more.length));
                    System.arraycopy(more, 0, all, x.length, more.length);
                    x = all;
                }
                int[] shape = oracle.input().dimensions().stream()
                        .mapToInt(Integer::intValue)
                        .toArray();
                training.fit(classifier, Dataset.ofFloats("an oracle's labels", shape, oracle.classes(), x, labels));
            }
            return new Fitted(classifier, labels.length);
        } catch (Throwable e) {
            classifier.close();
            throw e;
        }
    }

    private int[] labels(float[] x) {
        float[] told = oracle.logits(x);
        int c = oracle.classes();
        int[] labels = new int[told.length / c];
        for (int i = 0; i < labels.length; i++) {
            for (int k = 1; k < c; k++) {
                labels[i] = told[i * c + k] > told[i * c + labels[i]] ? k : labels[i];
            }
        }
        return labels;
    }

    private static int[] joined(int[] first, int[] second) {
        int[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** Of all examples, or of as many as may be asked about. */
    private float[] neighbours(Classifier classifier, float[] x, int[] labels, int augmentation, int left) {
        int d = oracle.input().size();
        int n = Math.min(labels.length, left);
        int[] chosen = Arrays.copyOf(ExampleOrder.of(labels.length, seed, augmentation), n);
        float[] near = new float[n * d];
        int[] of = new int[n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(x, chosen[i] * d, near, i * d, d);
            of[i] = labels[chosen[i]];
        }
        // Towards the label's output, or every other period away from it: a step of FGSM, whose gradient does not
        // vanish where
        // the model is confident.
        boolean towards = augmentation / PERIOD % 2 == 0;
        return Fgsm.linf(step)
                .targeted(towards)
                .build()
                .run(classifier, near, of)
                .adversarial();
    }
}
