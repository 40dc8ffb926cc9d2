package org.saddlepoint.attack;

import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.BoundaryWalk;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Precision;
import org.saddlepoint.model.BoundModel;
import org.saddlepoint.model.Passes;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * The fast adaptive boundary attack in its targeted form, FAB-T (Croce and Hein 2020, "Minimally distorted adversarial
 * examples with a fast adaptive boundary attack", algorithm 1): towards each of the likeliest other classes, from the original
 * on, steps to the linearised boundary between that class and the label, biased towards the original; whenever an iterate is
 * misclassified, it goes back some of the way. It seeks the smallest perturbation, so its radius says only which
 * examples it may stop at.
 *
 * <p>A step takes two forward passes and a backward pass. Nothing in it is random.
 */
public final class Fab extends Attack {
    private static final int STEPS_TOGETHER = 100;

    private final Builder settings;
    private final BoundaryWalk.Rule rule;

    private Fab(Builder settings) {
        super("fab-t", ThreatModel.of(settings.norm, settings.epsilon));
        this.settings = settings;
        this.rule = new BoundaryWalk.Rule(
                threat(),
                (float) settings.mostOrigin,
                (float) settings.overshoot,
                (float) settings.pull,
                settings.minimal);
    }

    /**
     * FAB-T in the L-inf norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder: 9 targets, 100 steps towards each, alpha_max 0.1, eta 1.05, beta 0.9
     */
    public static Builder linf(double epsilon) {
        return of(Norm.LINF, epsilon);
    }

    /**
     * FAB-T in the L2 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder with the same defaults as {@link #linf}
     */
    public static Builder l2(double epsilon) {
        return of(Norm.L2, epsilon);
    }

    /**
     * FAB-T in a given norm.
     *
     * @param norm L-inf or L2
     * @param epsilon radius, finite and at least 0
     * @return a builder with the same defaults as {@link #linf}
     */
    public static Builder of(Norm norm, double epsilon) {
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
     * Steps towards one target.
     *
     * @return K
     */
    @Override
    public int steps() {
        return settings.steps;
    }

    /**
     * How many classes it tries at most.
     *
     * @return the likeliest at the original, the label left out
     */
    public int targets() {
        return settings.targets;
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
    public Fab withEpsilon(double epsilon) {
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
        private final BoundModel model;
        private final int n;
        private final int d;
        private final int c;
        private final Buffer direction;
        private final Buffer gradient;
        private final BoundaryWalk walk;
        private final Buffer result;

        Run(AttackBatch batch, BufferArena arena) {
            this.batch = batch;
            model = batch.model();
            n = batch.size();
            d = batch.features();
            c = model.model().classes();
            direction = arena.floats((long) n * c);
            gradient = arena.floats((long) n * d);
            result = batch.x();
            walk = new BoundaryWalk(
                    n, batch.origin(), batch.labels(), arena.floats((long) n * d), rule, best(batch, arena));
        }

        /** The batch's own; in training, which has none, one for this run. */
        private BestIterate best(AttackBatch batch, BufferArena arena) {
            Operations operations = batch.operations();
            BestIterate best = batch.best();
            if (best == null) {
                best = new BestIterate(arena.floats((long) n * d), arena.floats(n), arena.ints(n), arena.ints(n));
                operations.copy((long) n * d, batch.origin(), best.x());
                operations.fill(n, -1f, best.beaten());
                operations.fill(n, 0f, best.zeroGradients());
            }
            // What another attack kept there is measured by a loss.
            operations.fill(n, Float.NEGATIVE_INFINITY, best.objective());
            return best;
        }

        void run() {
            Operations operations = model.device().operations();
            long values = (long) n * d;
            operations.copy(values, walk.origin(), walk.x());
            Buffer logits = model.forward(n, walk.x());
            int[] labels = walk.labels().ints(n);
            RankedClasses ranks = new RankedClasses(c, logits.floats(n * c), labels);
            operations.boundaries().keepClosest(walk, d, c, logits, 0);
            for (int rank = 0; rank < Math.min(settings.targets, c - 1); rank++) {
                direction.write(ranks.directions(rank));
                operations.copy(values, walk.origin(), walk.x());
                for (int from = 0; from < settings.steps; from += STEPS_TOGETHER) {
                    int first = from;
                    int last = Math.min(settings.steps, from + STEPS_TOGETHER);
                    batch.requireGoing();
                    model.together(
                            n,
                            Precision.FLOAT32,
                            settings.minimal ? null : walk.best().beaten(),
                            passes -> steps(passes, first, last));
                }
            }
            operations.copy(values, walk.best().x(), result);
            operations.project(threat().norm(), threat().epsilon(), n, d, walk.origin(), result);
        }

        private void steps(Passes passes, int first, int last) {
            Operations with = passes.operations();
            for (int step = first; step < last; step++) {
                Buffer logits = passes.forward(walk.x());
                with.copy((long) n * c, direction, passes.logitGradient());
                passes.inputGradient(gradient);
                with.boundaries().step(walk, d, c, logits, direction, gradient);
                with.boundaries().keepClosest(walk, d, c, passes.forward(walk.x()), step + 1);
            }
        }
    }

    @Override
    public String toString() {
        return "%s(%s, epsilon %s, %d steps towards each of %d targets, alpha_max %s, eta %s, beta %s%s)"
                .formatted(
                        name(),
                        threat().norm().label(),
                        threat().epsilon(),
                        settings.steps,
                        settings.targets,
                        settings.mostOrigin,
                        settings.overshoot,
                        settings.pull,
                        settings.minimal ? ", minimal" : "");
    }

    /** Configures FAB-T. */
    public static final class Builder {
        private final Norm norm;
        private double epsilon;
        private int steps = 100;
        private int targets = 9;
        private double mostOrigin = 0.1;
        private double overshoot = 1.05;
        private double pull = 0.9;
        private boolean minimal;

        private Builder(Norm norm, double epsilon) {
            if (norm == Norm.L1) {
                throw new IllegalArgumentException("the norm is l1: fab-t is there for linf and l2");
            }
            this.norm = norm;
            epsilon(epsilon);
        }

        private Builder copy() {
            Builder copy = new Builder(norm, epsilon);
            copy.steps = steps;
            copy.targets = targets;
            copy.mostOrigin = mostOrigin;
            copy.overshoot = overshoot;
            copy.pull = pull;
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

        /**
         * How many steps towards each target.
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
         * How many classes to try; a model of fewer others has all of them tried.
         *
         * @param value at least 1
         * @return this builder
         */
        public Builder targets(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("targets is " + value + ": it must be at least 1");
            }
            this.targets = value;
            return this;
        }

        /**
         * The largest share of the original's projection in a step.
         *
         * @param value in [0,1], by default 0.1
         * @return this builder
         */
        public Builder alphaMax(double value) {
            this.mostOrigin = requireShare("alpha_max", value);
            return this;
        }

        /**
         * How far a step goes, 1 being the boundary.
         *
         * @param value finite and at least 1, by default 1.05
         * @return this builder
         */
        public Builder eta(double value) {
            if (!(value >= 1) || Double.isInfinite(value)) {
                throw new IllegalArgumentException("eta is " + value + ": it must be a finite number of at least 1");
            }
            this.overshoot = value;
            return this;
        }

        /**
         * What is left of the way to a misclassified iterate after it.
         *
         * @param value in [0,1], by default 0.9
         * @return this builder
         */
        public Builder beta(double value) {
            this.pull = requireShare("beta", value);
            return this;
        }

        /**
         * Whether to go on after an example is beaten, to the smallest distance that the steps find, instead of stopping
         * inside the threat model. Results hold that distance; the step counted is that of the closest iterate.
         *
         * @param value false by default
         * @return this builder
         */
        public Builder minimal(boolean value) {
            this.minimal = value;
            return this;
        }

        private static double requireShare(String what, double value) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException(what + " is " + value + ": it must lie in [0,1]");
            }
            return value;
        }

        /**
         * Builds the attack.
         *
         * @return immutable
         */
        public Fab build() {
            return new Fab(copy());
        }
    }
}
