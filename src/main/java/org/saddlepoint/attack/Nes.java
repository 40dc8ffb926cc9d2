package org.saddlepoint.attack;

import java.util.Arrays;
import java.util.Objects;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.ProbeNoise;
import org.saddlepoint.device.ProbeNoise.Draw;
import org.saddlepoint.device.ProbeOperations;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;
import org.saddlepoint.device.Start;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.Knowledge;
import org.saddlepoint.model.Queries;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * NES (Ilyas et al. 2018, "Black-box adversarial attacks with limited queries and information", algorithm 1): projected
 * gradient steps from the original, of a gradient that is estimated from logits alone, by pairs of probes at x + sigma u and
 * x - sigma u with Gaussian u. The loss is the margin max_{i != y} z_i - z_y: cross-entropy, which the paper has, is lost to
 * rounding where a model is sure of itself. Probes are clipped to the box [0,1].
 *
 * <p>Query 0 asks about the original. A step asks the probes' queries and one more, which judges where it went; an example's
 * iterations are the step that beat it, after which it is not asked about. Steps are as many as the queries allow.
 */
public final class Nes extends Attack {
    private final Builder settings;
    private final Loop.Rule rule;

    private Nes(Builder settings) {
        super("nes", ThreatModel.of(settings.norm, settings.epsilon));
        this.settings = settings;
        this.rule = new Loop.Rule(
                threat(), steps(), (float) settings.finiteStepSize(), 1, Start.ORIGINAL, settings.targeted);
    }

    /**
     * NES in the L-inf norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder: 5,000 queries, 50 of them a step (25 pairs), sigma 0.001, steps of epsilon / 10
     */
    public static Builder linf(double epsilon) {
        return of(Norm.LINF, epsilon);
    }

    /**
     * NES in the L2 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder with the same defaults as {@link #linf}
     */
    public static Builder l2(double epsilon) {
        return of(Norm.L2, epsilon);
    }

    /**
     * NES in a given norm.
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
     * Steps that the queries allow.
     *
     * @return (queries - 1) / (samples + 1), rounded down
     */
    @Override
    public int steps() {
        return settings.steps(settings.queries);
    }

    @Override
    public Knowledge needs() {
        return Knowledge.LOGITS;
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
    public Nes withEpsilon(double epsilon) {
        return toBuilder().epsilon(epsilon).build();
    }

    @Override
    public Attack forTraining() {
        throw new UnsupportedOperationException("the attack nes is for evaluation: training has gradients to go by");
    }

    @Override
    protected void perturb(AttackBatch batch) {
        try (BufferArena arena = batch.victim().device().arena()) {
            new Run(batch, arena).run();
        }
    }

    @Override
    public String toString() {
        return "nes(%s, epsilon %s, %d queries, %d samples a step, sigma %s, steps of %s%s)"
                .formatted(
                        threat().norm().label(),
                        threat().epsilon(),
                        settings.queries,
                        settings.samples,
                        settings.sigma,
                        rule.stepSize(),
                        settings.targeted ? ", targeted" : "");
    }

    /** One batch: buffers and what is done with them. */
    private final class Run {
        private final AttackBatch batch;
        private final int n;
        private final int d;
        private final BestIterate best;
        private final Loop loop;
        private final ProbeNoise plus;
        private final ProbeNoise minus;
        private final Buffer probe;
        private final Buffer gradient;
        /** The loss where the loop stands, and that of a probe. */
        private final Buffer base;

        private final Buffer loss;

        Run(AttackBatch batch, BufferArena arena) {
            this.batch = batch;
            n = batch.size();
            d = batch.features();
            best = Objects.requireNonNull(batch.best(), "nes keeps a verdict");
            loop = batch.loop(rule, 0, true);
            RandomStream draws = new RandomStream(
                    batch.random().seed(), Purpose.ATTACK_DRAW, batch.random().epoch());
            float sigma = (float) settings.sigma;
            plus = new ProbeNoise(Draw.GAUSSIAN, batch.indices(), draws, sigma, null);
            minus = new ProbeNoise(Draw.GAUSSIAN, batch.indices(), draws, -sigma, null);
            probe = arena.floats((long) n * d);
            gradient = arena.floats((long) n * d);
            base = arena.floats(n);
            loss = arena.floats(n);
        }

        void run() {
            int steps = settings.steps(Math.min(settings.queries, batch.budget()));
            batch.victim().query(n, best.beaten(), with -> judge(with, 0));
            for (int step = 1; step <= steps && !allBeaten(); step++) {
                int number = step;
                batch.requireGoing();
                batch.victim().query(n, best.beaten(), with -> step(with, number));
            }
            batch.operations().copy((long) n * d, best.x(), batch.x());
        }

        private void step(Queries with, int step) {
            int pairs = settings.samples / 2;
            for (int p = 0; p < pairs; p++) {
                int number = (step - 1) * pairs + p;
                probe(with, plus, number, p == 0);
                probe(with, minus, number, false);
            }
            with.operations().step(loop, d, gradient);
            judge(with, step);
        }

        private void probe(Queries with, ProbeNoise noise, int number, boolean first) {
            ProbeOperations probes = with.operations().probes();
            probes.probe(noise, n, d, loop.x(), best.beaten(), number, probe);
            margin(with, with.forward(probe), loss);
            // A step ascends; a class that is sought has its loss descended.
            Buffer low = settings.targeted ? loss : base;
            Buffer high = settings.targeted ? base : loss;
            probes.estimate(n, d, loop.x(), probe, low, high, first, best.beaten(), gradient);
        }

        private void judge(Queries with, int step) {
            Buffer logits = with.forward(loop.x());
            margin(with, logits, base);
            with.operations().keepIterate(loop, d, batch.victim().classes(), logits, base, step);
        }

        private void margin(Queries with, Buffer logits, Buffer out) {
            int c = batch.victim().classes();
            with.operations().loss(LossKind.MARGIN, n, c, logits, loop.labels(), 1f, false, out, null);
        }

        private boolean allBeaten() {
            return Arrays.stream(best.beaten().ints(n)).allMatch(step -> step >= 0);
        }
    }

    /** Configures NES. */
    public static final class Builder {
        private final Norm norm;
        private double epsilon;
        private int queries = 5000;
        private int samples = 50;
        private double sigma = 0.001;
        private double stepSize = Double.NaN;
        private boolean targeted;

        private Builder(Norm norm, double epsilon) {
            if (norm == Norm.L1) {
                throw new IllegalArgumentException("the norm is l1: nes is there for linf and l2");
            }
            this.norm = norm;
            epsilon(epsilon);
        }

        private Builder copy() {
            Builder copy = new Builder(norm, epsilon);
            copy.queries = queries;
            copy.samples = samples;
            copy.sigma = sigma;
            copy.stepSize = stepSize;
            copy.targeted = targeted;
            return copy;
        }

        private double finiteStepSize() {
            return Double.isNaN(stepSize) ? epsilon / 10 : stepSize;
        }

        private int steps(int asked) {
            return (asked - 1) / (samples + 1);
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
         * How many queries may be made of each example.
         *
         * @param value 1..1000000; fewer than {@link #samples} + 2 judge the original alone
         * @return this builder
         */
        public Builder queries(int value) {
            if (value < 1 || value > 1_000_000) {
                throw new IllegalArgumentException("queries is " + value + ": it must lie in 1..1000000");
            }
            this.queries = value;
            return this;
        }

        /**
         * How many probes a step's gradient is estimated from.
         *
         * @param value 2..100000, even: they come in pairs
         * @return this builder
         */
        public Builder samples(int value) {
            if (value < 2 || value > 100_000 || value % 2 != 0) {
                throw new IllegalArgumentException(
                        "samples is " + value + ": it must be even and lie in 2..100000, since probes come in pairs");
            }
            this.samples = value;
            return this;
        }

        /**
         * The standard deviation of probes.
         *
         * @param value finite and above 0, by default 0.001
         * @return this builder
         */
        public Builder sigma(double value) {
            this.sigma = requirePositive("sigma", value);
            return this;
        }

        /**
         * The length of a step in the norm.
         *
         * @param value finite and above 0, by default epsilon / 10
         * @return this builder
         */
        public Builder stepSize(double value) {
            this.stepSize = requirePositive("step size", value);
            return this;
        }

        private static double requirePositive(String what, double value) {
            if (!(value > 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException(what + " is " + value + ": it must be a finite number above 0");
            }
            return value;
        }

        /**
         * Whether the labels are classes to reach instead of classes to leave.
         *
         * @param value true for a targeted attack
         * @return this builder
         */
        public Builder targeted(boolean value) {
            this.targeted = value;
            return this;
        }

        /**
         * Builds the attack.
         *
         * @return immutable
         */
        public Nes build() {
            return new Nes(copy());
        }
    }
}
