package org.saddlepoint.attack;

import java.util.Arrays;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.PenaltyDescent;
import org.saddlepoint.device.Precision;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.BoundModel;
import org.saddlepoint.model.Passes;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * Carlini and Wagner's L2 attack (2017, "Towards evaluating the robustness of neural networks", section VI.A): minimises
 * |x - origin|^2 + c max(f, -confidence) by Adam over w, where x = (tanh(w) + 1) / 2 lies in the box whatever w is, and f (their
 * f6) is the label's logit minus the largest other one (targeted: the largest other one minus the target's). A binary search,
 * each example for itself, finds the smallest c that suffices.
 *
 * <p>It seeks the smallest perturbation: results hold its distance, and success says that this is at most epsilon. As in the
 * authors' code, a run is over early for an example that a tenth of its iterations have brought no further. Nothing in it is
 * random.
 */
public final class CarliniWagner extends Attack {
    /** Iterations that are recorded as one. */
    private static final int TOGETHER = 100;

    private final Builder settings;
    private final PenaltyDescent.Rule rule;

    private CarliniWagner(Builder settings) {
        super("cw", ThreatModel.of(Norm.L2, settings.epsilon));
        this.settings = settings;
        this.rule = new PenaltyDescent.Rule(
                threat().epsilon(),
                (float) settings.initial,
                (float) settings.confidence,
                (float) settings.learningRate,
                settings.targeted,
                settings.minimal);
    }

    /**
     * The attack in the L2 norm, the only one it has.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder: 9 values of c from 0.001 on, 1000 iterations with each, learning rate 0.01, confidence 0
     */
    public static Builder l2(double epsilon) {
        return new Builder(epsilon);
    }

    /**
     * What this attack was built with.
     *
     * @return a builder, to be varied
     */
    public Builder toBuilder() {
        return settings.copy();
    }

    /**
     * Iterations with all values of c.
     *
     * @return search steps times iterations
     */
    @Override
    public int steps() {
        return settings.searchSteps * settings.iterations;
    }

    /**
     * Whether it goes on after an example is beaten, to the smallest distance it finds.
     *
     * @return false if it stops inside the threat model
     */
    public boolean minimal() {
        return settings.minimal;
    }

    @Override
    public boolean targeted() {
        return settings.targeted;
    }

    @Override
    public Loss loss() {
        return Losses.MARGIN;
    }

    @Override
    public CarliniWagner withEpsilon(double epsilon) {
        return toBuilder().epsilon(epsilon).build();
    }

    @Override
    protected void perturb(AttackBatch batch) {
        BestIterate best = batch.best();
        if (best == null) {
            throw new UnsupportedOperationException(
                    "the attack cw evaluates: a training has no place for its closest iterates");
        }
        try (BufferArena arena = batch.model().device().arena()) {
            new Run(batch, best, arena).run();
        }
    }

    /** One batch: buffers and what is done with them. */
    private final class Run {
        private final AttackBatch batch;
        private final BoundModel model;
        private final int n;
        private final Buffer margin;
        private final Buffer gradient;
        private final PenaltyDescent descent;

        Run(AttackBatch batch, BestIterate best, BufferArena arena) {
            this.batch = batch;
            model = batch.model();
            n = batch.size();
            int d = batch.features();
            long values = (long) n * d;
            margin = arena.floats(n);
            gradient = arena.floats(values);
            descent = new PenaltyDescent(
                    n,
                    d,
                    batch.origin(),
                    batch.x(),
                    arena.floats(values),
                    arena.floats(values),
                    arena.floats(values),
                    arena.floats((long) n * PenaltyDescent.STATE),
                    arena.ints(n),
                    rule,
                    best);
        }

        void run() {
            Operations operations = model.device().operations();
            // What another attack kept there is measured by a loss.
            operations.fill(n, Float.NEGATIVE_INFINITY, descent.best().objective());
            for (int search = 0; search < settings.searchSteps; search++) {
                operations.momenta().beginRun(descent, search == 0);
                iterate(search * settings.iterations);
            }
            operations.copy((long) n * descent.d(), descent.best().x(), batch.x());
        }

        private void iterate(int before) {
            for (int from = 0; from < settings.iterations && !allRest(); from += TOGETHER) {
                int first = from;
                int last = Math.min(settings.iterations, from + TOGETHER);
                batch.requireGoing();
                model.together(n, Precision.FLOAT32, descent.done(), passes -> iterations(passes, before, first, last));
            }
        }

        private boolean allRest() {
            return Arrays.stream(descent.done().ints(n)).allMatch(step -> step >= 0);
        }

        private void iterations(Passes passes, int before, int first, int last) {
            Operations with = passes.operations();
            int c = model.model().classes();
            float direction = settings.targeted ? 1f : -1f;
            int window = Math.max(1, settings.iterations / 10);
            for (int iteration = first; iteration < last; iteration++) {
                Buffer logits = passes.forward(descent.x());
                with.loss(
                        LossKind.MARGIN,
                        n,
                        c,
                        logits,
                        batch.labels(),
                        direction,
                        false,
                        margin,
                        passes.logitGradient());
                passes.inputGradient(gradient);
                with.momenta()
                        .step(descent, margin, gradient, iteration + 1, before + iteration, iteration % window == 0);
            }
        }
    }

    @Override
    public String toString() {
        return "%s(l2, epsilon %s, %d values of c from %s, %d iterations, learning rate %s, confidence %s%s%s)"
                .formatted(
                        name(),
                        threat().epsilon(),
                        settings.searchSteps,
                        settings.initial,
                        settings.iterations,
                        settings.learningRate,
                        settings.confidence,
                        settings.targeted ? ", targeted" : "",
                        settings.minimal ? "" : ", to epsilon");
    }

    /** Configures the attack. */
    public static final class Builder {
        private double epsilon;
        private int searchSteps = 9;
        private int iterations = 1000;
        private double learningRate = 0.01;
        private double initial = 0.001;
        private double confidence;
        private boolean targeted;
        private boolean minimal = true;

        private Builder(double epsilon) {
            epsilon(epsilon);
        }

        private Builder copy() {
            Builder copy = new Builder(epsilon);
            copy.searchSteps = searchSteps;
            copy.iterations = iterations;
            copy.learningRate = learningRate;
            copy.initial = initial;
            copy.confidence = confidence;
            copy.targeted = targeted;
            copy.minimal = minimal;
            return copy;
        }

        /**
         * The radius.
         *
         * @param value finite and at least 0
         * @return this builder
         */
        public Builder epsilon(double value) {
            if (!(value >= 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException(
                        "epsilon is " + value + ": it must be a finite number of at least 0");
            }
            this.epsilon = value;
            return this;
        }

        private static int within(String what, int value, int most) {
            if (value < 1 || value > most) {
                throw new IllegalArgumentException(what + " is " + value + ": it must lie in 1.." + most);
            }
            return value;
        }

        /**
         * How many values of c to try.
         *
         * @param value 1..100, by default 9
         * @return this builder
         */
        public Builder searchSteps(int value) {
            this.searchSteps = within("search steps", value, 100);
            return this;
        }

        /**
         * The most iterations with each value of c.
         *
         * @param value 1..1000000, by default 1000
         * @return this builder
         */
        public Builder iterations(int value) {
            this.iterations = within("iterations", value, 1_000_000);
            return this;
        }

        /**
         * Adam's learning rate.
         *
         * @param value finite and above 0, by default 0.01
         * @return this builder
         */
        public Builder learningRate(double value) {
            if (!(value > 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException(
                        "learning rate is " + value + ": it must be a finite number above 0");
            }
            this.learningRate = value;
            return this;
        }

        /**
         * The first c.
         *
         * @param value above 0 and up to 1e9, by default 0.001
         * @return this builder
         */
        public Builder initialConstant(double value) {
            if (!(value > 0 && value <= 1e9)) {
                throw new IllegalArgumentException(
                        "initial constant is " + value + ": it must lie above 0 and up to 1e9");
            }
            this.initial = value;
            return this;
        }

        /**
         * By how much the wrong class's logit has to exceed all others; the paper's kappa.
         *
         * @param value finite and at least 0, by default 0
         * @return this builder
         */
        public Builder confidence(double value) {
            if (!(value >= 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException(
                        "confidence is " + value + ": it must be a finite number of at least 0");
            }
            this.confidence = value;
            return this;
        }

        /**
         * Whether the labels given are the classes to reach.
         *
         * @param value true for a targeted attack
         * @return this builder
         */
        public Builder targeted(boolean value) {
            this.targeted = value;
            return this;
        }

        /**
         * Whether to go on after an example is beaten, to the smallest distance that is found. The step counted is that of the
         * closest iterate.
         *
         * @param value true by default; false to stop inside the threat model
         * @return this builder
         */
        public Builder minimal(boolean value) {
            this.minimal = value;
            return this;
        }

        /**
         * Builds the attack.
         *
         * @return immutable
         */
        public CarliniWagner build() {
            return new CarliniWagner(copy());
        }
    }
}
