package org.saddlepoint.attack;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.Start;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.Passes;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * The momentum iterative fast gradient sign method, MI-FGSM (Dong et al. 2018, "Boosting adversarial attacks with momentum",
 * algorithm 1): from the original on, K steps along a memory of all gradients so far, g' = decay g + gradient / |gradient|_1,
 * each projected onto ball and box. The step is the memory's sign (L-inf, equation 7), or the memory over its length (L2,
 * equation 8). Adversarial examples found so mislead other models more often than those of PGD do.
 *
 * <p>Any misclassified iterate counts; in training, the last iterate. Nothing in it is random.
 */
public final class MiFgsm extends Attack {
    /** Steps that are recorded as one. */
    private static final int TOGETHER = 100;

    private final Builder settings;
    private final Loop.Rule rule;

    private MiFgsm(Builder settings) {
        super("mi-fgsm", ThreatModel.of(settings.norm, settings.epsilon));
        this.settings = settings;
        this.rule = new Loop.Rule(
                threat(),
                settings.steps,
                settings.finiteStepSize(),
                1,
                Start.ORIGINAL,
                settings.targeted,
                settings.precision);
    }

    /**
     * MI-FGSM in the L-inf norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder: 10 steps of epsilon / steps, decay 1, cross-entropy
     */
    public static Builder linf(double epsilon) {
        return of(Norm.LINF, epsilon);
    }

    /**
     * MI-FGSM in the L2 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder with the same defaults as {@link #linf}
     */
    public static Builder l2(double epsilon) {
        return of(Norm.L2, epsilon);
    }

    /**
     * MI-FGSM in a given norm.
     *
     * @param norm L-inf or L2
     * @param epsilon radius, finite and at least 0
     * @return a builder with the same defaults as {@link #linf}
     * @throws IllegalArgumentException for L1
     */
    public static Builder of(Norm norm, double epsilon) {
        if (norm == Norm.L1) {
            throw new IllegalArgumentException("the norm of MI-FGSM is L1: it must be L-inf or L2");
        }
        return new Builder(norm, epsilon);
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
     * How many steps it goes.
     *
     * @return K
     */
    @Override
    public int steps() {
        return settings.steps;
    }

    /**
     * The length of a step.
     *
     * @return in the norm
     */
    public float stepSize() {
        return rule.stepSize();
    }

    @Override
    public boolean targeted() {
        return settings.targeted;
    }

    @Override
    public Loss loss() {
        return settings.loss;
    }

    @Override
    public Precision precision() {
        return settings.precision;
    }

    @Override
    public MiFgsm withEpsilon(double epsilon) {
        return toBuilder().epsilon(epsilon).build();
    }

    @Override
    protected void perturb(AttackBatch batch) {
        try (BufferArena arena = batch.model().device().arena()) {
            new Run(batch, arena).run();
        }
    }

    /** One batch: buffers and what is done with them. */
    private final class Run {
        private final AttackBatch batch;
        private final @Nullable BestIterate best;
        private final int n;
        private final int d;
        private final Buffer gradient;
        private final Buffer momentum;
        private final Buffer value;
        private final Loop judging;
        private final Loop stepping;

        Run(AttackBatch batch, BufferArena arena) {
            this.batch = batch;
            best = batch.best();
            n = batch.size();
            d = batch.features();
            gradient = arena.floats((long) n * d);
            momentum = arena.floats((long) n * d);
            value = arena.floats(n);
            judging = batch.loop(rule, 0, best != null);
            // What is counted are gradients that are zero, not memories of them.
            Buffer uncounted = arena.ints(n);
            batch.operations().fill(n, 0f, uncounted);
            stepping = new Loop(
                    n,
                    batch.origin(),
                    batch.labels(),
                    batch.indices(),
                    batch.x(),
                    rule,
                    batch.random(),
                    0,
                    best == null ? null : new BestIterate(best.x(), best.objective(), best.beaten(), uncounted),
                    false);
        }

        void run() {
            Operations operations = batch.operations();
            operations.copy((long) n * d, batch.origin(), batch.x());
            operations.fill((long) n * d, 0f, momentum);
            for (int from = 0; from < settings.steps; from += TOGETHER) {
                int first = from;
                int last = Math.min(settings.steps, from + TOGETHER);
                batch.model()
                        .together(
                                n,
                                settings.precision,
                                best == null ? null : best.beaten(),
                                passes -> steps(passes, first, last));
            }
            if (best != null) {
                operations.copy((long) n * d, best.x(), batch.x());
            }
        }

        private void steps(Passes passes, int first, int last) {
            Operations with = passes.operations();
            for (int step = first; step < last; step++) {
                judge(passes, step);
                passes.inputGradient(gradient);
                with.momenta().accumulate(n, d, gradient, (float) settings.decay, best, momentum);
                with.step(stepping, d, momentum);
            }
            if (last == settings.steps && best != null) {
                judge(passes, last);
            }
        }

        /** Passes the iterate forward, and keeps it where it is misclassified or the best. */
        private void judge(Passes passes, int step) {
            Operations with = passes.operations();
            int c = batch.model().model().classes();
            Buffer logits = passes.forward(batch.x());
            float direction = settings.targeted ? -1f : 1f;
            settings.loss.evaluate(with, n, c, logits, batch.labels(), direction, true, value, passes.logitGradient());
            if (best != null) {
                with.keepIterate(judging, d, c, logits, value, step);
            }
        }
    }

    @Override
    public String toString() {
        return "%s(%s, epsilon %s, %d steps of %s, decay %s, %s%s)"
                .formatted(
                        name(),
                        threat().norm().label(),
                        threat().epsilon(),
                        settings.steps,
                        stepSize(),
                        settings.decay,
                        settings.loss.name(),
                        (settings.targeted ? ", targeted" : "")
                                + (settings.precision == Precision.FLOAT32 ? "" : ", " + settings.precision.label()));
    }

    /** Configures MI-FGSM. */
    public static final class Builder {
        private final Norm norm;
        private double epsilon;
        private int steps = 10;
        private double stepSize = Double.NaN;
        private double decay = 1;
        private Loss loss = Losses.CROSS_ENTROPY;
        private boolean targeted;
        private Precision precision = Precision.FLOAT32;

        private Builder(Norm norm, double epsilon) {
            this.norm = norm;
            epsilon(epsilon);
        }

        private Builder copy() {
            Builder copy = new Builder(norm, epsilon);
            copy.steps = steps;
            copy.stepSize = stepSize;
            copy.decay = decay;
            copy.loss = loss;
            copy.targeted = targeted;
            copy.precision = precision;
            return copy;
        }

        /** An infinite step would make a number of no zero gradient. */
        private float finiteStepSize() {
            return (float) Math.min(Double.isNaN(stepSize) ? epsilon / steps : stepSize, Float.MAX_VALUE);
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

        /**
         * How many steps.
         *
         * @param value at least 1
         * @return this builder
         */
        public Builder steps(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("steps is " + value + ": it must be at least 1");
            }
            this.steps = value;
            return this;
        }

        /**
         * The length of a step in the norm.
         *
         * @param value finite and above 0; the default is epsilon / steps
         * @return this builder
         */
        public Builder stepSize(double value) {
            if (!(value > 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException("step size is " + value + ": it must be a finite number above 0");
            }
            this.stepSize = value;
            return this;
        }

        /**
         * What is left of the memory after a step; with 0 each step is that of its own gradient.
         *
         * @param value finite and at least 0, by default 1; the paper's mu
         * @return this builder
         */
        public Builder decay(double value) {
            if (!(value >= 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException("decay is " + value + ": it must be a finite number of at least 0");
            }
            this.decay = value;
            return this;
        }

        /**
         * The loss to ascend.
         *
         * @param value one that devices know, cross-entropy by default
         * @return this builder
         */
        public Builder loss(Loss value) {
            if (value.kind().isEmpty()) {
                throw new IllegalArgumentException("the loss is " + value.name()
                        + ": MI-FGSM ascends cross-entropy, mean squared error or margin");
            }
            this.loss = value;
            return this;
        }

        /**
         * Whether the labels given are the classes to reach: the loss is descended.
         *
         * @param value true for a targeted attack
         * @return this builder
         */
        public Builder targeted(boolean value) {
            this.targeted = value;
            return this;
        }

        /**
         * To what the operands of products inside the attack are rounded. Original, iterate, memory, step, projection and the
         * verdict stay float32.
         *
         * @param value float32 by default
         * @return this builder
         */
        public Builder precision(Precision value) {
            this.precision = value;
            return this;
        }

        /**
         * Builds the attack.
         *
         * @return immutable
         */
        public MiFgsm build() {
            return new MiFgsm(copy());
        }
    }
}
