package org.saddlepoint.attack;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;
import org.saddlepoint.device.SquareWindows;
import org.saddlepoint.device.Start;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.Knowledge;
import org.saddlepoint.model.Queries;
import org.saddlepoint.model.Shape;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * The Square attack (Andriushchenko et al. 2020, "Square attack: a query-efficient black-box adversarial attack via random
 * search"): a random search that sees logits alone. Each query changes one window of the image, at a place of each example's
 * own, and is kept where the margin z_y - max_{i != y} z_i falls, which is where {@link Losses#MARGIN} rises. The windows
 * shrink as queries go on.
 *
 * <p>Query 0 is the start: vertical stripes of +-epsilon (L-inf), or a grid of bumps (L2). An example's iterations are the
 * number of the query that beat it.
 *
 * <p>Images are channels, height, width, as the model's input says. An input of two dimensions has one channel; a flat one of
 * d values is 1 x 1 x d, so that windows are runs of p d values, unless {@link Builder#shape} says what it is.
 */
public final class Square extends Attack {
    /** After these queries the windows' share of the image is halved (paper, section 5; of 10,000 queries, not rescaled). */
    private static final int[] HALVINGS = {10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};

    private static final int TOGETHER = 50; // queries recorded at a time

    private final Builder settings;
    private final Loop.Rule rule;

    private Square(Builder settings) {
        super("square", ThreatModel.of(settings.norm, settings.epsilon));
        this.settings = settings;
        this.rule = new Loop.Rule(threat(), settings.queries, 0f, 1, Start.ORIGINAL, false);
    }

    /**
     * Square in the L-inf norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder: 5,000 queries, one restart, windows of 0.8 of the image at first
     */
    public static Builder linf(double epsilon) {
        return of(Norm.LINF, epsilon);
    }

    /**
     * Square in the L2 norm.
     *
     * @param epsilon radius, finite and at least 0
     * @return a builder with the same defaults as {@link #linf}
     */
    public static Builder l2(double epsilon) {
        return of(Norm.L2, epsilon);
    }

    /**
     * Square in a given norm.
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

    @Override
    public int steps() {
        return settings.queries;
    }

    @Override
    public Knowledge needs() {
        return Knowledge.LOGITS;
    }

    @Override
    public Loss loss() {
        return Losses.MARGIN;
    }

    @Override
    public int restarts() {
        return settings.restarts;
    }

    @Override
    public Square withEpsilon(double epsilon) {
        return toBuilder().epsilon(epsilon).build();
    }

    @Override
    protected void perturb(AttackBatch batch) {
        try (BufferArena arena = batch.victim().device().arena()) {
            new Search(batch, arena).run();
        }
    }

    @Override
    public String toString() {
        return "square(%s, epsilon %s, %d queries, %d restart%s, windows of %s)"
                .formatted(
                        threat().norm().label(),
                        threat().epsilon(),
                        settings.queries,
                        settings.restarts,
                        settings.restarts == 1 ? "" : "s",
                        settings.share);
    }

    /**
     * The windows' share of the image at a query.
     *
     * @param first their share at first
     * @param query from 1
     * @return first, halved once for each entry of the schedule that lies before the query
     */
    static double share(double first, int query) {
        return Math.scalb(first, -level(query));
    }

    private static int level(int query) {
        return (int) Arrays.stream(HALVINGS).filter(after -> query > after).count();
    }

    /** Rows and columns of the window of a share: a square, or where that is no less than the shorter side, all along it. */
    static int[] window(Norm norm, int height, int width, double share) {
        int side = (int) Math.max(Math.rint(Math.sqrt(share * height * width)), 1);
        if (height < width && side >= height) {
            return new int[] {height, (int) Math.max(Math.rint(share * width), 1)};
        }
        if (width < height && side >= width) {
            return new int[] {(int) Math.max(Math.rint(share * height), 1), width};
        }
        if (norm == Norm.L2) {
            side = Math.max(side, 3) | 1; // the paper's bumps have a middle
        }
        return new int[] {Math.min(side, height), Math.min(side, width)};
    }

    /** Of one batch: its buffers, and all restarts. */
    private final class Search {
        private final AttackBatch batch;
        private final BufferArena arena;
        private final List<Integer> image;
        private final Buffer losses;
        /** Where the search stands, in this restart. */
        private final BestIterate point;
        /** The best of all restarts, where that is another. */
        private final @Nullable BestIterate best;

        Search(AttackBatch batch, BufferArena arena) {
            this.batch = batch;
            this.arena = arena;
            this.image = settings.imageOf(batch.victim().input());
            int n = batch.size();
            this.losses = arena.floats(n);
            BestIterate known = batch.best();
            if (known != null && settings.restarts == 1) {
                this.point = known;
                this.best = null;
            } else {
                Buffer beaten = known == null ? arena.ints(n) : known.beaten();
                Buffer zeros = known == null ? arena.ints(n) : known.zeroGradients();
                this.point = new BestIterate(arena.floats((long) n * batch.features()), arena.floats(n), beaten, zeros);
                this.best = known;
                if (known == null) {
                    batch.operations().fill(n, -1f, beaten);
                }
            }
        }

        void run() {
            int n = batch.size();
            SquareWindows[] levels = new SquareWindows[HALVINGS.length + 1];
            for (int level = 0; level < levels.length; level++) {
                double share = Math.scalb(settings.share, -level);
                int[] size = window(threat().norm(), image.get(1), image.get(2), share);
                levels[level] = windows(size[0], size[1]);
            }
            int left = batch.budget();
            for (int restart = 0; restart < settings.restarts && left > 0; restart++) {
                int queries = Math.min(settings.queries, left);
                left -= queries;
                batch.operations().fill(n, Float.NEGATIVE_INFINITY, point.objective());
                start(loop(restart, batch.random()));
                RandomStream draws = new RandomStream(
                        batch.random().seed(),
                        Purpose.ATTACK_DRAW,
                        batch.random().epoch());
                Loop search = loop(restart, draws);
                for (int from = 1; from < queries && !allBeaten(); from += TOGETHER) {
                    int first = from;
                    int end = Math.min(queries, from + TOGETHER);
                    together(with -> {
                        for (int query = first; query < end; query++) {
                            with.operations().searches().squareProposal(search, levels[level(query)], query);
                            judge(with, search, query);
                        }
                    });
                }
            }
            Buffer result = best == null ? point.x() : best.x();
            batch.operations().copy((long) n * batch.features(), result, batch.x());
        }

        private void together(Consumer<Queries> work) {
            batch.requireGoing();
            batch.victim().query(batch.size(), point.beaten(), work);
        }

        private Loop loop(int restart, RandomStream random) {
            return new Loop(
                    batch.size(),
                    batch.origin(),
                    batch.labels(),
                    batch.indices(),
                    batch.x(),
                    rule,
                    random,
                    restart << 16,
                    point,
                    true);
        }

        private void start(Loop loop) {
            int height = image.get(1);
            int width = image.get(2);
            boolean linf = threat().norm() == Norm.LINF;
            SquareWindows tiles = linf ? windows(height, 1) : windows(Math.max(1, height / 5), Math.max(1, width / 5));
            int tileCount = (height / tiles.rows()) * (width / tiles.columns());
            double amplitude = threat().epsilon() / (linf ? 1 : Math.sqrt((double) image.get(0) * tileCount));
            together(with -> {
                with.operations().searches().squareStart(loop, tiles, (float) amplitude);
                judge(with, loop, 0);
            });
        }

        /** Keeps what the loop's x holds where its margin is lower; an example that is beaten goes no further. */
        private void judge(Queries with, Loop loop, int query) {
            Operations operations = with.operations();
            int n = batch.size();
            int c = batch.victim().classes();
            Buffer logits = with.forward(loop.x());
            operations.loss(LossKind.MARGIN, n, c, logits, loop.labels(), 1f, false, losses, null);
            if (best != null) {
                Loop over = new Loop(
                        n, loop.origin(), loop.labels(), loop.indices(), loop.x(), rule, loop.random(), 0, best, true);
                operations.keepIterate(over, batch.features(), c, logits, losses, query);
            }
            operations.keepIterate(loop, batch.features(), c, logits, losses, query);
        }

        private boolean allBeaten() {
            return Arrays.stream(point.beaten().ints(batch.size())).allMatch(step -> step >= 0);
        }

        private SquareWindows windows(int rows, int columns) {
            Buffer bumps = null;
            if (threat().norm() == Norm.L2) {
                float[] values = SquareBumps.of(rows, columns);
                bumps = arena.floats(values.length);
                bumps.write(values);
            }
            return new SquareWindows(image.get(0), image.get(1), image.get(2), rows, columns, bumps);
        }
    }

    /** Configures Square. */
    public static final class Builder {
        private final Norm norm;
        private double epsilon;
        private int queries = 5000;
        private int restarts = 1;
        private double share = 0.8;
        private @Nullable Shape shape;

        Builder(Norm norm, double epsilon) {
            if (norm == Norm.L1) {
                throw new IllegalArgumentException("the Square attack is of the norms L-inf and L2, not of L1");
            }
            this.norm = norm;
            epsilon(epsilon);
        }

        private Builder copy() {
            Builder copy = new Builder(norm, epsilon);
            copy.queries = queries;
            copy.restarts = restarts;
            copy.share = share;
            copy.shape = shape;
            return copy;
        }

        private List<Integer> imageOf(Shape input) {
            if (shape != null && shape.size() != input.size()) {
                throw new IllegalArgumentException("shape is " + shape + ", of " + shape.size()
                        + " values: the model's input " + input + " has " + input.size());
            }
            List<Integer> dimensions = shape == null ? input.dimensions() : shape.dimensions();
            return switch (dimensions.size()) {
                case 3 -> dimensions;
                case 2 -> List.of(1, dimensions.get(0), dimensions.get(1));
                default -> List.of(1, 1, input.size());
            };
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
         * How many queries of each example a restart may make, the start included.
         *
         * @param value 1..65535
         * @return this builder
         */
        public Builder queries(int value) {
            if (value < 1 || value > 65535) {
                throw new IllegalArgumentException("queries is " + value + ": it must lie in 1..65535");
            }
            this.queries = value;
            return this;
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
         * The windows' share of the image at first (the paper's p).
         *
         * @param value in (0,1], by default 0.8
         * @return this builder
         */
        public Builder share(double value) {
            if (!(value > 0 && value <= 1)) {
                throw new IllegalArgumentException("share is " + value + ": it must lie above 0 and up to 1");
            }
            this.share = value;
            return this;
        }

        /**
         * What image the model's input is, for models whose input does not say: its values are those of the first channel,
         * row by row, then those of the next.
         *
         * @param channels at least 1
         * @param height at least 1
         * @param width at least 1
         * @return this builder
         */
        public Builder shape(int channels, int height, int width) {
            this.shape = Shape.of(channels, height, width);
            return this;
        }

        /**
         * Builds the attack.
         *
         * @return immutable
         */
        public Square build() {
            return new Square(copy());
        }
    }
}
