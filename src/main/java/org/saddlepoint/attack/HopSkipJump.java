package org.saddlepoint.attack;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.BoundaryHop;
import org.saddlepoint.device.BoundaryHop.Phase;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Operations;
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
 * HopSkipJump (Chen, Jordan and Wainwright 2020, "HopSkipJumpAttack: a query-efficient decision-based attack", algorithm 2):
 * sees labels alone. From a misclassified image of uniform noise it goes back to the boundary by binary search, estimates from
 * random probes there in which direction inputs are misclassified, takes a step that way, and so on: each time nearer to the
 * original. It seeks the smallest perturbation, so its radius says only which examples it may stop at.
 *
 * <p>The binary search ends at a share of d^(-3/2) (L2) or d^(-2) (L-inf) of the way. Iteration t asks min(B0 sqrt(t), most)
 * probes, at a distance of |x~ - x| / d: Gaussian directions (L2) or uniform ones in the cube (L-inf), over their length. Their
 * directions count +1 or -1 less the mean of those. The step is |x_t - x| / sqrt(t), halved until it is misclassified.
 *
 * <p>Query 0 asks about the original. An example's iterations are the number of the query that found what it returns, where
 * that lies within epsilon. An example that has no queries left keeps the closest misclassified input that it has seen.
 */
public final class HopSkipJump extends Attack {
    private static final int TOGETHER = 50; // probes recorded at a time
    private static final int STARTS_TOGETHER = 10;
    private static final int STEPS_TOGETHER = 4;
    private static final int HALVINGS = 24; // of a step: then it is lost in rounding

    private final Builder settings;

    private HopSkipJump(Builder settings) {
        super("hop-skip-jump", ThreatModel.of(settings.norm, settings.epsilon));
        this.settings = settings;
    }

    /**
     * HopSkipJump in the L-inf norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder: 5,000 queries, 100 probes in the first iteration and at most 10,000 in one, 100 starts
     */
    public static Builder linf(double epsilon) {
        return of(Norm.LINF, epsilon);
    }

    /**
     * HopSkipJump in the L2 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder with the same defaults as {@link #linf}
     */
    public static Builder l2(double epsilon) {
        return of(Norm.L2, epsilon);
    }

    /**
     * HopSkipJump in a given norm.
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
     * Queries, the most that an example takes.
     *
     * @return their number
     */
    @Override
    public int steps() {
        return settings.queries;
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
    public Knowledge needs() {
        return Knowledge.LABELS;
    }

    @Override
    public Loss loss() {
        return Losses.MARGIN;
    }

    @Override
    public HopSkipJump withEpsilon(double epsilon) {
        return toBuilder().epsilon(epsilon).build();
    }

    @Override
    public Attack forTraining() {
        throw new UnsupportedOperationException(
                "the attack hop-skip-jump is for evaluation: training has gradients to go by");
    }

    @Override
    protected void perturb(AttackBatch batch) {
        try (BufferArena arena = batch.victim().device().arena()) {
            new Run(batch, arena).run();
        }
    }

    @Override
    public String toString() {
        return "hop-skip-jump(%s, epsilon %s, %d queries, %d to %d probes, %d starts%s)"
                .formatted(
                        threat().norm().label(),
                        threat().epsilon(),
                        settings.queries,
                        settings.probes,
                        settings.mostProbes,
                        settings.starts,
                        settings.minimal ? ", minimal" : "");
    }

    /** Halvings of the binary search: until what is left is theta, and at least 7 where d is small. */
    static int halvings(Norm norm, int d) {
        double bits = (norm == Norm.L2 ? 1.5 : 2) * Math.log(d) / Math.log(2);
        return Math.clamp((long) Math.ceil(bits), 7, 24);
    }

    /** One batch: buffers and what is done with them. */
    private final class Run {
        private final AttackBatch batch;
        private final int n;
        private final int d;
        private final int c;
        private final BoundaryHop hop;
        private final ProbeNoise noise;
        private final Buffer gray;
        private final Loop.Rule anywhere;
        private int probes;

        Run(AttackBatch batch, BufferArena arena) {
            this.batch = batch;
            n = batch.size();
            d = batch.features();
            c = batch.victim().classes();
            long values = (long) n * d;
            BestIterate best = Objects.requireNonNull(batch.best(), "hop-skip-jump keeps a verdict");
            hop = new BoundaryHop(
                    n,
                    batch.origin(),
                    batch.labels(),
                    batch.x(),
                    arena.floats(values),
                    arena.floats(values),
                    arena.floats(values),
                    arena.floats(2L * n),
                    arena.floats(n),
                    arena.ints(3L * n),
                    arena.ints(n),
                    best,
                    new BoundaryHop.Rule(threat(), Math.min(settings.queries, batch.budget()), settings.minimal));
            RandomStream draws = new RandomStream(
                    batch.random().seed(), Purpose.ATTACK_DRAW, batch.random().epoch());
            Draw draw = threat().norm() == Norm.L2 ? Draw.SPHERE : Draw.CUBE;
            noise = new ProbeNoise(draw, batch.indices(), draws, 1f, hop.size());
            gray = arena.floats(values);
            anywhere = new Loop.Rule(ThreatModel.of(Norm.LINF, 0.5), 0, 0f, 1, Start.BALL_AND_BOX, false);
        }

        void run() {
            Operations operations = batch.operations();
            long values = (long) n * d;
            operations.fill(n, Float.NEGATIVE_INFINITY, hop.best().objective());
            operations.fill(n, -1f, hop.done());
            operations.fill(3L * n, 0f, hop.counts());
            operations.copy(values, hop.origin(), hop.point());
            start();
            for (int iteration = 1; ; iteration++) {
                operations.probes().hopTurn(hop, d, Phase.BISECT, iteration);
                if (allDone()) {
                    break;
                }
                query(with -> propose(with, Phase.BISECT, halvings(threat().norm(), d)));
                probe((int) Math.min(settings.probes * Math.sqrt(iteration), settings.mostProbes));
                step(iteration);
            }
            operations.copy(values, hop.best().x(), hop.x());
        }

        /** The original, and images of uniform noise until one is misclassified. */
        private void start() {
            query(with -> judge(with, Phase.START));
            batch.operations().fill((long) n * d, 0.5f, gray);
            for (int from = 0; from < settings.starts && !allDone(); from += STARTS_TOGETHER) {
                int first = from;
                int end = Math.min(settings.starts, from + STARTS_TOGETHER);
                query(with -> {
                    for (int number = first; number < end; number++) {
                        with.operations().randomStart(noise(number), d);
                        judge(with, Phase.START);
                    }
                });
            }
        }

        /** Uniform in the box: the L-inf ball of radius 1/2 about gray. */
        private Loop noise(int number) {
            return new Loop(
                    n, gray, hop.labels(), batch.indices(), hop.x(), anywhere, batch.random(), number, null, false);
        }

        private void probe(int count) {
            query(with -> with.operations().probes().hopTurn(hop, d, Phase.PROBE, 1));
            for (int from = 0; from < count; from += TOGETHER) {
                int here = Math.min(TOGETHER, count - from);
                int first = probes;
                query(with -> {
                    ProbeOperations operations = with.operations().probes();
                    for (int number = first; number < first + here; number++) {
                        operations.probe(noise, n, d, hop.point(), hop.done(), number, hop.x());
                        judge(with, Phase.PROBE);
                    }
                });
                probes += here;
            }
        }

        private void step(int iteration) {
            query(with -> with.operations().probes().hopTurn(hop, d, Phase.STEP, iteration));
            for (int tries = 0; tries < HALVINGS && !allDone(); tries += STEPS_TOGETHER) {
                query(with -> propose(with, Phase.STEP, STEPS_TOGETHER));
            }
        }

        private void propose(Queries with, Phase phase, int times) {
            for (int time = 0; time < times; time++) {
                with.operations().probes().hopPropose(hop, d, phase);
                judge(with, phase);
            }
        }

        private void judge(Queries with, Phase phase) {
            with.operations().probes().hopJudge(hop, d, c, with.forward(hop.x()), phase);
        }

        private void query(Consumer<Queries> work) {
            batch.requireGoing();
            batch.victim().query(n, hop.done(), work);
        }

        private boolean allDone() {
            return Arrays.stream(hop.done().ints(n)).allMatch(done -> done >= 0);
        }
    }

    /** Configures HopSkipJump. */
    public static final class Builder {
        private final Norm norm;
        private double epsilon;
        private int queries = 5000;
        private int probes = 100;
        private int mostProbes = 10_000;
        private int starts = 100;
        private boolean minimal;

        private Builder(Norm norm, double epsilon) {
            if (norm == Norm.L1) {
                throw new IllegalArgumentException("the norm is l1: hop-skip-jump is there for linf and l2");
            }
            this.norm = norm;
            epsilon(epsilon);
        }

        private Builder copy() {
            Builder copy = new Builder(norm, epsilon);
            copy.queries = queries;
            copy.probes = probes;
            copy.mostProbes = mostProbes;
            copy.starts = starts;
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
         * How many queries may be made of each example.
         *
         * @param value 1..1000000
         * @return this builder
         */
        public Builder queries(int value) {
            this.queries = require("queries", value);
            return this;
        }

        /**
         * How many probes the first iteration asks (the paper's B0); iteration t asks sqrt(t) times as many.
         *
         * @param value 1..1000000, by default 100
         * @return this builder
         */
        public Builder probes(int value) {
            this.probes = require("probes", value);
            return this;
        }

        /**
         * How many probes an iteration asks at most.
         *
         * @param value 1..1000000, by default 10,000
         * @return this builder
         */
        public Builder mostProbes(int value) {
            this.mostProbes = require("most probes", value);
            return this;
        }

        /**
         * How many images of noise to try for one that is misclassified; an example that has none stays as it is.
         *
         * @param value 1..1000000, by default 100
         * @return this builder
         */
        public Builder starts(int value) {
            this.starts = require("starts", value);
            return this;
        }

        private static int require(String what, int value) {
            if (value < 1 || value > 1_000_000) {
                throw new IllegalArgumentException(what + " is " + value + ": it must lie in 1..1000000");
            }
            return value;
        }

        /**
         * Whether to go on after an example is beaten, to the smallest distance that the queries find, instead of stopping
         * inside the threat model.
         *
         * @param value false by default
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
        public HopSkipJump build() {
            return new HopSkipJump(copy());
        }
    }
}
