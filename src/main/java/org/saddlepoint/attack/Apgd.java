package org.saddlepoint.attack;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.saddlepoint.device.Ascent;
import org.saddlepoint.device.AscentOperations;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.LossOperations.TargetLoss;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.Start;
import org.saddlepoint.model.Passes;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * Auto-PGD (Croce and Hein 2020, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free
 * attacks", section 3): ascent with momentum from the ball's surface, with a step size of each example's own. It begins at 2
 * epsilon; at checkpoints that come closer and closer it is halved, and the example goes on from its best iterate, where the
 * loss rose too seldom or the best loss is the same since the last one.
 *
 * <p>Any misclassified iterate counts, and an example is left alone once there is one. The targeted form runs once for each
 * of the classes that the original comes closest to.
 */
public final class Apgd extends Attack {
    /** What the attack ascends. */
    public enum Objective {
        /** Softmax cross-entropy. */
        CROSS_ENTROPY("ce"),
        /** The difference of logits ratio; at least 3 classes. */
        DLR("dlr"),
        /** The difference of logits ratio towards one class after another; at least 4 classes. */
        TARGETED_DLR("t"),
        /** z_t - z_y towards one class t after another: exact where the model is linear. */
        TARGETED_MARGIN("margin-t");

        private final String label;

        Objective(String label) {
            this.label = label;
        }

        private boolean targeted() {
            return this == TARGETED_DLR || this == TARGETED_MARGIN;
        }

        /** The classes of its difference of logits ratio. */
        private int fewestClasses() {
            return switch (this) {
                case DLR -> 3;
                case TARGETED_DLR -> 4;
                default -> 1;
            };
        }
    }

    private static final float MOMENTUM = 0.75f;
    /** Steps that are recorded as one. */
    private static final int TOGETHER = 100;

    private final Builder settings;

    private Apgd(Builder settings) {
        super("apgd-" + settings.objective.label, ThreatModel.of(settings.norm, settings.epsilon));
        this.settings = settings;
    }

    /**
     * APGD in the L-inf norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder: 100 steps, one restart, cross-entropy, rho 0.75, 9 targets in the targeted form
     */
    public static Builder linf(double epsilon) {
        return of(Norm.LINF, epsilon);
    }

    /**
     * APGD in the L2 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder with the same defaults as {@link #linf}
     */
    public static Builder l2(double epsilon) {
        return of(Norm.L2, epsilon);
    }

    /**
     * APGD in a given norm.
     *
     * @param norm L-inf or L2
     * @param epsilon radius, finite and at least 0
     * @return a builder with the same defaults as {@link #linf}
     * @throws IllegalArgumentException for L1
     */
    public static Builder of(Norm norm, double epsilon) {
        if (norm == Norm.L1) {
            throw new IllegalArgumentException("the norm of APGD is L1: it must be L-inf or L2");
        }
        return new Builder(norm, epsilon);
    }

    /**
     * The steps after which step sizes may be halved: the first window is 22 % of all steps, each further one 3 % of them
     * shorter, but at least 6 % of them.
     *
     * @param steps of a run, at least 1
     * @return ascending, from 1
     */
    static List<Integer> checkpoints(int steps) {
        List<Integer> points = new ArrayList<>();
        int window = Math.max((int) (0.22 * steps), 1);
        for (int at = window; at <= steps; at += window) {
            points.add(at);
            window = Math.max(window - Math.max((int) (0.03 * steps), 1), Math.max((int) (0.06 * steps), 1));
        }
        return points;
    }

    /**
     * Steps of one run.
     *
     * @return N
     */
    @Override
    public int steps() {
        return settings.steps;
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
    public Apgd withEpsilon(double epsilon) {
        return settings.copy(epsilon).build();
    }

    @Override
    protected void perturb(AttackBatch batch) {
        BestIterate best = batch.best();
        if (best == null) {
            throw new UnsupportedOperationException(
                    "the attack " + name() + " evaluates: a training has no place for its best iterates");
        }
        int c = batch.model().model().classes();
        boolean few = c < settings.objective.fewestClasses();
        if (few && !settings.marginWhereFew) {
            throw new IllegalArgumentException("the model has " + c + " classes: " + name() + " needs at least "
                    + settings.objective.fewestClasses() + " for its difference of logits ratio");
        }
        boolean margin = few || settings.objective == Objective.TARGETED_MARGIN;
        int targets = settings.objective.targeted() ? Math.min(settings.targets, c - 1) : 1;
        if (c > 1) {
            try (Run run = new Run(batch, best, c, targets, margin)) {
                run.all();
            }
        }
        batch.operations().copy((long) batch.size() * batch.features(), best.x(), batch.x());
    }

    /** All runs over one batch, and their buffers. */
    private final class Run implements AutoCloseable {
        private final AttackBatch batch;
        private final BestIterate best;
        private final int n;
        private final int c;
        private final int targets;
        private final boolean margin;
        private final BufferArena arena;
        private final Buffer loss;
        private final Buffer ranked;
        private final Ascent ascent;
        private final List<Integer> checkpoints = checkpoints(settings.steps);

        Run(AttackBatch batch, BestIterate best, int c, int targets, boolean margin) {
            this.batch = batch;
            this.best = best;
            this.n = batch.size();
            this.c = c;
            this.targets = targets;
            this.margin = margin;
            this.arena = batch.model().device().arena();
            try {
                int d = batch.features();
                long values = (long) n * d;
                this.loss = arena.floats(n);
                this.ranked = arena.ints((long) n * targets);
                this.ascent = new Ascent(
                        n,
                        d,
                        threat(),
                        batch.origin(),
                        batch.x(),
                        arena.floats(values),
                        arena.floats(values),
                        arena.floats(values),
                        arena.floats(values),
                        threat().norm() == Norm.L2 ? arena.floats(values) : null,
                        arena.floats((long) n * Ascent.STATE),
                        best);
            } catch (RuntimeException e) {
                arena.close();
                throw e;
            }
        }

        void all() {
            if (settings.objective.targeted()) {
                together(this::rank);
            }
            for (int run = 0; run < settings.restarts * targets; run++) {
                one(run);
            }
        }

        private void together(Consumer<Passes> work) {
            batch.requireGoing();
            batch.model().together(n, settings.precision, best.beaten(), work);
        }

        private void rank(Passes passes) {
            Buffer logits = passes.forward(batch.origin());
            for (int t = 0; t < targets; t++) {
                passes.operations().losses().rankedClass(n, c, logits, batch.labels(), t + 1, target(t));
            }
        }

        private Buffer target(int number) {
            return ranked.slice((long) number * n, n);
        }

        private void one(int run) {
            Loop.Rule rule =
                    new Loop.Rule(threat(), settings.steps, 0f, 1, Start.BALL_AND_BOX, false, settings.precision);
            Loop loop = batch.loop(rule, run, true);
            together(passes -> {
                AscentOperations ascents = passes.operations().ascents();
                ascents.start(ascent, batch.indices(), batch.random(), loop.restart());
                judge(passes, loop, run % targets, 0);
                passes.inputGradient(ascent.gradient());
                ascents.begin(ascent, loss, Math.min(2 * threat().epsilon(), Float.MAX_VALUE));
            });
            for (int from = 0; from < settings.steps; from += TOGETHER) {
                int first = from;
                together(passes -> {
                    for (int step = first; step < Math.min(first + TOGETHER, settings.steps); step++) {
                        step(passes, loop, run % targets, step);
                    }
                });
            }
        }

        private void step(Passes passes, Loop loop, int target, int step) {
            AscentOperations ascents = passes.operations().ascents();
            ascents.step(ascent, step == 0 ? 1f : MOMENTUM);
            judge(passes, loop, target, step + 1);
            if (step + 1 == settings.steps) {
                return; // nothing follows from the last gradient
            }
            passes.inputGradient(ascent.gradient());
            int checkpoint = checkpoints.indexOf(step + 1);
            if (checkpoint < 0) {
                ascents.keep(ascent, loss);
            } else {
                int window = step + 1 - (checkpoint == 0 ? 0 : checkpoints.get(checkpoint - 1));
                ascents.check(ascent, loss, (int) (settings.rho * window));
            }
        }

        /** Passes the iterate forward, and keeps it where it is misclassified or the best. */
        private void judge(Passes passes, Loop loop, int target, int step) {
            Operations operations = passes.operations();
            Buffer logits = passes.forward(batch.x());
            Buffer gradient = passes.logitGradient();
            Buffer labels = batch.labels();
            if (settings.objective.targeted()) {
                TargetLoss kind = margin ? TargetLoss.MARGIN : TargetLoss.DLR;
                operations.losses().targetLoss(kind, n, c, logits, labels, target(target), 1f, loss, gradient);
            } else if (settings.objective == Objective.DLR && !margin) {
                operations.losses().dlr(n, c, logits, labels, 1f, loss, gradient);
            } else {
                LossKind kind = margin ? LossKind.MARGIN : LossKind.CROSS_ENTROPY;
                operations.loss(kind, n, c, logits, labels, 1f, true, loss, gradient);
            }
            operations.keepIterate(loop, ascent.d(), c, logits, loss, step);
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "%s(%s, epsilon %s, %d steps, %d restart%s%s%s)"
                .formatted(
                        name(),
                        threat().norm().label(),
                        threat().epsilon(),
                        settings.steps,
                        settings.restarts,
                        settings.restarts == 1 ? "" : "s",
                        settings.objective.targeted() ? ", " + settings.targets + " targets" : "",
                        settings.precision == Precision.FLOAT32 ? "" : ", " + settings.precision.label());
    }

    /** Configures APGD. */
    public static final class Builder {
        private final Norm norm;
        private final double epsilon;
        private int steps = 100;
        private int restarts = 1;
        private int targets = 9;
        private double rho = 0.75;
        private Objective objective = Objective.CROSS_ENTROPY;
        private boolean marginWhereFew;
        private Precision precision = Precision.FLOAT32;

        Builder(Norm norm, double epsilon) {
            if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
                throw new IllegalArgumentException(
                        "epsilon is " + epsilon + ": it must be a finite number of at least 0");
            }
            this.norm = norm;
            this.epsilon = epsilon;
        }

        private Builder copy(double radius) {
            Builder copy = new Builder(norm, radius);
            copy.steps = steps;
            copy.restarts = restarts;
            copy.targets = targets;
            copy.rho = rho;
            copy.objective = objective;
            copy.marginWhereFew = marginWhereFew;
            copy.precision = precision;
            return copy;
        }

        private static int within(String what, int value, int most) {
            if (value < 1 || value > most) {
                throw new IllegalArgumentException(what + " is " + value + ": it must lie in 1.." + most);
            }
            return value;
        }

        /**
         * How many steps a run has.
         *
         * @param value at least 1
         * @return this builder
         */
        public Builder steps(int value) {
            this.steps = within("steps", value, Integer.MAX_VALUE);
            return this;
        }

        /**
         * How often to begin anew (targeted: with each target).
         *
         * @param value 1..255
         * @return this builder
         */
        public Builder restarts(int value) {
            this.restarts = within("restarts", value, 255);
            return this;
        }

        /**
         * The loss to ascend.
         *
         * @param value cross-entropy by default
         * @return this builder
         */
        public Builder objective(Objective value) {
            this.objective = value;
            return this;
        }

        /**
         * The targeted form.
         *
         * @param value how many classes to aim for, 1..255; fewer where a model has fewer others
         * @return this builder, with the objective {@link Objective#TARGETED_DLR}
         */
        public Builder targets(int value) {
            this.targets = within("targets", value, 255);
            return objective(Objective.TARGETED_DLR);
        }

        /**
         * How often, of a window's steps, the loss has to rise for a step size to stay.
         *
         * @param value a share in (0,1), 0.75 by default
         * @return this builder
         */
        public Builder rho(double value) {
            if (!(value > 0 && value < 1)) {
                throw new IllegalArgumentException("rho is " + value + ": it must lie between 0 and 1");
            }
            this.rho = value;
            return this;
        }

        /**
         * What happens where a model has fewer classes than the difference of logits ratio needs.
         *
         * @param value true: the margin is ascended instead; false, the default: the attack is refused
         * @return this builder
         */
        public Builder marginWhereFewClasses(boolean value) {
            this.marginWhereFew = value;
            return this;
        }

        /**
         * To what the operands of products inside the attack are rounded.
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
        public Apgd build() {
            return new Apgd(copy(epsilon));
        }
    }
}
