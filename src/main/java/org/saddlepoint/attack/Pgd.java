package org.saddlepoint.attack;

import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.Start;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * Projected gradient descent (Madry et al. 2018, "Towards deep learning models resistant to adversarial attacks", section
 * 2.1): from a uniform start in the ball, K steps of ascent on the loss, each projected onto ball and box. The step is the
 * gradient's sign (L-inf), the gradient over its length (L2), or the sign on the largest coordinates (L1: SLIDE, Tramer
 * and Boneh 2019).
 *
 * <p>Restarts are chosen per example. {@link Fgsm}, {@link FgsmRs} and {@link Bim} are its published special cases.
 */
public final class Pgd extends Attack {
    private final Builder settings;
    private final Loop.Rule rule;

    private Pgd(Builder settings) {
        super(settings.name, ThreatModel.of(settings.norm, settings.epsilon));
        this.settings = settings;
        this.rule = new Loop.Rule(
                threat(),
                settings.steps,
                settings.finiteStepSize(),
                1,
                settings.start(),
                settings.targeted,
                settings.precision);
    }

    /**
     * PGD in the L-inf norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder: 10 steps of 2.5 epsilon / steps, random start, one restart, any iterate, cross-entropy
     */
    public static Builder linf(double epsilon) {
        return of(Norm.LINF, epsilon);
    }

    /**
     * PGD in the L2 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder with the same defaults as {@link #linf}
     */
    public static Builder l2(double epsilon) {
        return of(Norm.L2, epsilon);
    }

    /**
     * PGD in the L1 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder with the same defaults as {@link #linf}
     */
    public static Builder l1(double epsilon) {
        return of(Norm.L1, epsilon);
    }

    /**
     * PGD in a given norm.
     *
     * @param norm of the threat model
     * @param epsilon radius, finite and at least 0
     * @return a builder with the same defaults as {@link #linf}
     */
    public static Builder of(Norm norm, double epsilon) {
        return new Builder("pgd", norm, epsilon);
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
     * Steps of one restart.
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
    public boolean repeatable() {
        return settings.loss.kind().isPresent();
    }

    @Override
    public int restarts() {
        return settings.restarts;
    }

    @Override
    public Precision precision() {
        return settings.precision;
    }

    @Override
    public Pgd forTraining() {
        return toBuilder().iterate(Iterate.LAST).build();
    }

    @Override
    public Pgd withEpsilon(double epsilon) {
        return toBuilder().epsilon(epsilon).build();
    }

    @Override
    protected void perturb(AttackBatch batch) {
        Loop.Rule here = rule(batch.features());
        BestIterate best = batch.best();
        boolean any = settings.iterate == Iterate.ANY;
        if (best == null || (!any && settings.restarts == 1)) {
            batch.model().iterate(batch.loop(here, 0, false), settings.loss);
            return;
        }
        for (int restart = 0; restart < settings.restarts; restart++) {
            batch.model().iterate(batch.loop(here, restart, any), settings.loss);
            if (!any) {
                batch.model().keepLast(batch.loop(here, restart, false), settings.loss, settings.steps);
            }
        }
        batch.operations().copy((long) batch.size() * batch.features(), best.x(), batch.x());
    }

    /**
     * What a loop of it does.
     *
     * @param features of an input, of which an L1 step's coordinates are a share
     * @return threat model, steps and step size
     */
    public Loop.Rule rule(int features) {
        int top = Math.max(1, (int) Math.round(settings.sparsity * features));
        return new Loop.Rule(
                rule.threat(), rule.steps(), rule.stepSize(), top, rule.start(), rule.targeted(), rule.precision());
    }

    @Override
    public String toString() {
        return "%s(%s, epsilon %s, %d steps of %s%s, %d restart%s, %s iterate, %s%s)"
                .formatted(
                        name(),
                        threat().norm().label(),
                        threat().epsilon(),
                        settings.steps,
                        stepSize(),
                        switch (rule.start()) {
                            case ORIGINAL -> "";
                            case BALL_AND_BOX -> ", random start";
                            case BALL -> ", random start beyond the box";
                        },
                        settings.restarts,
                        settings.restarts == 1 ? "" : "s",
                        settings.iterate.name().toLowerCase(java.util.Locale.ROOT),
                        settings.loss.name(),
                        (settings.targeted ? ", targeted" : "")
                                + (threat().norm() == Norm.L1 ? ", sparsity " + settings.sparsity : "")
                                + (settings.precision == Precision.FLOAT32 ? "" : ", " + settings.precision.label()));
    }

    /** Configures PGD and its special cases. */
    public static final class Builder {
        private String name;
        private final Norm norm;
        private double epsilon;
        private int steps = 10;
        private double stepSize = Double.NaN;
        private double relativeStepSize = Double.NaN;
        private boolean randomStart = true;
        private boolean startInBox = true;
        private int restarts = 1;
        private Iterate iterate = Iterate.ANY;
        private Loss loss = Losses.CROSS_ENTROPY;
        private boolean targeted;
        private double sparsity = 0.01;
        private Precision precision = Precision.FLOAT32;

        Builder(String name, Norm norm, double epsilon) {
            this.name = name;
            this.norm = norm;
            epsilon(epsilon);
        }

        private Builder copy() {
            Builder copy = new Builder(name, norm, epsilon);
            copy.steps = steps;
            copy.stepSize = stepSize;
            copy.relativeStepSize = relativeStepSize;
            copy.randomStart = randomStart;
            copy.startInBox = startInBox;
            copy.restarts = restarts;
            copy.iterate = iterate;
            copy.loss = loss;
            copy.targeted = targeted;
            copy.sparsity = sparsity;
            copy.precision = precision;
            return copy;
        }

        private double stepSize() {
            if (!Double.isNaN(stepSize)) {
                return stepSize;
            }
            return epsilon * (Double.isNaN(relativeStepSize) ? 2.5 / Math.max(1, steps) : relativeStepSize);
        }

        /** An infinite step would make a number of no zero gradient. */
        private float finiteStepSize() {
            return (float) Math.min(stepSize(), Float.MAX_VALUE);
        }

        /**
         * How results call the attack.
         *
         * @param value the name
         * @return this builder
         */
        public Builder name(String value) {
            this.name = value;
            return this;
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
         * @param value finite and above 0; the default is 2.5 epsilon / steps
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
         * The length of a step as a share of epsilon, so that it follows {@link #epsilon}.
         *
         * @param value finite and above 0
         * @return this builder
         */
        public Builder relativeStepSize(double value) {
            if (!(value > 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException(
                        "relative step size is " + value + ": it must be a finite number above 0");
            }
            this.stepSize = Double.NaN;
            this.relativeStepSize = value;
            return this;
        }

        /**
         * Whether to start uniformly in the ball, or at the original.
         *
         * @param value true for a random start
         * @return this builder
         */
        public Builder randomStart(boolean value) {
            this.randomStart = value;
            return this;
        }

        /**
         * Whether a random start is clipped to the box, or a draw from all of the ball. Where any iterate counts it is clipped,
         * for the start is one: so in an evaluation that counts any, but not in training, where the last does.
         *
         * @param value true, the default, to stay in the box
         * @return this builder
         */
        public Builder startInBox(boolean value) {
            this.startInBox = value;
            return this;
        }

        private Start start() {
            if (!randomStart) {
                return Start.ORIGINAL;
            }
            return startInBox || iterate == Iterate.ANY ? Start.BALL_AND_BOX : Start.BALL;
        }

        /**
         * How often to begin anew; the best is chosen per example.
         *
         * @param value 1..65535
         * @return this builder
         */
        public Builder restarts(int value) {
            if (value < 1 || value > 65535) {
                throw new IllegalArgumentException("restarts is " + value + ": it must lie in 1..65535");
            }
            this.restarts = value;
            return this;
        }

        /**
         * Which iterate counts.
         *
         * @param value the last, or any
         * @return this builder
         */
        public Builder iterate(Iterate value) {
            this.iterate = value;
            return this;
        }

        /**
         * The loss to ascend.
         *
         * @param value cross-entropy by default
         * @return this builder
         */
        public Builder loss(Loss value) {
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
         * L1 alone: the share of coordinates that a step moves; at least one moves.
         *
         * @param value in (0,1], by default 0.01 (SLIDE's 99th percentile)
         * @return this builder
         */
        public Builder sparsity(double value) {
            if (!(value > 0 && value <= 1)) {
                throw new IllegalArgumentException("sparsity is " + value + ": it must lie above 0 and up to 1");
            }
            this.sparsity = value;
            return this;
        }

        /**
         * To what the operands of products inside the attack are rounded. Original, iterate, step, projection and the
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
        public Pgd build() {
            return new Pgd(copy());
        }
    }
}
