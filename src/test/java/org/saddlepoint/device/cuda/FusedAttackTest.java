package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.io.IOException;
import java.util.Objects;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.data.Datasets;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceKind;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.Start;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.BoundModel;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** The fused attack of 784-128-10 against the same attack layer by layer, and against the CPU device. */
@Tag("cuda")
class FusedAttackTest {
    private static final Model MODEL = Model.sequential(dense(784, 128), relu(), dense(128, 10));
    private static final int N = 21; // two tiles of 8 and one of 5, or one of 16 and one of 5
    private static final int D = 784;
    private static final int HIDDEN = 128;
    private static final int CLASSES = 10;
    private static final int TOP = 39;

    private static int[] labels = new int[0];
    private static float[] pixels = new float[0];
    private static float[] parameters = new float[0];

    private final Device cuda = DeviceKind.CUDA.open(1);
    private final Device cpu = Device.cpu(1);

    @AfterEach
    void close() {
        cuda.close();
        cpu.close();
    }

    @BeforeAll
    static void prepare() throws IOException {
        Dataset data = Datasets.mnistSample().train().limit(N);
        labels = data.labels();
        byte[] bytes = Objects.requireNonNull(data.bytes());
        pixels = new float[N * D];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) ((bytes[i] & 0xff) / 255.0);
        }
        try (Device device = Device.cpu(1);
                Classifier classifier = Classifier.initialize(MODEL, device, 1)) {
            parameters = classifier.parameters();
        }
    }

    private enum Path {
        FUSED,
        LAYERED
    }

    @SuppressWarnings("ArrayRecordComponent") // what a loop leaves, compared piece by piece
    private record Result(float[] x, float[] objective, int[] beaten) {}

    private static float epsilon(Norm norm) {
        return switch (norm) {
            case LINF -> 0.1f;
            case L2 -> 1.5f;
            case L1 -> 12f;
        };
    }

    private static Loop.Rule rule(Norm norm, int steps, Precision precision) {
        float epsilon = epsilon(norm);
        return new Loop.Rule(
                new ThreatModel(norm, epsilon), steps, epsilon / 4, TOP, Start.BALL_AND_BOX, false, precision);
    }

    private static Result run(Device device, Path path, Loop.Rule rule, boolean keep) {
        try (Classifier classifier = Classifier.of(MODEL, device, parameters);
                BoundModel bound = classifier.bind(N);
                BufferArena arena = device.arena()) {
            Buffer origin = arena.floats(N * D);
            origin.write(pixels);
            Buffer classes = arena.ints(N);
            classes.write(labels);
            Buffer indices = arena.ints(N);
            indices.write(IntStream.range(0, N).toArray());
            Buffer x = arena.floats(N * D);
            BestIterate best = new BestIterate(arena.floats(N * D), arena.floats(N), arena.ints(N), arena.ints(N));
            device.operations().fill(N, Float.NEGATIVE_INFINITY, best.objective());
            device.operations().fill(N, -1f, best.beaten());
            RandomStream random = new RandomStream(9, RandomStream.Purpose.ATTACK_START, 0);
            Loop loop = new Loop(N, origin, classes, indices, x, rule, random, 0, keep ? best : null, keep);
            if (path == Path.FUSED) {
                bound.iterate(loop, Losses.CROSS_ENTROPY);
            } else {
                bound.iterateLayered(loop, Losses.CROSS_ENTROPY);
            }
            return new Result(
                    (keep ? best.x() : x).floats(N * D),
                    best.objective().floats(N),
                    best.beaten().ints(N));
        }
    }

    private static int apart(float[] a, float[] b) {
        int count = 0;
        for (int i = 0; i < a.length; i++) {
            count += a[i] != b[i] ? 1 : 0;
        }
        return count;
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void inFloat32BothPathsHaveTheSameBits(Norm norm) {
        for (int steps : new int[] {0, 1, 10}) {
            Loop.Rule rule = rule(norm, steps, Precision.FLOAT32);
            for (boolean keep : new boolean[] {false, true}) {
                Result fused = run(cuda, Path.FUSED, rule, keep);
                Result layered = run(cuda, Path.LAYERED, rule, keep);
                assertThat(fused.x).isEqualTo(layered.x);
                assertThat(fused.objective).isEqualTo(layered.objective);
                assertThat(fused.beaten).isEqualTo(layered.beaten);
            }
        }
    }

    @Test
    void startsHaveTheBitsOfTheCpuDevice() {
        for (Precision precision : Precision.values()) {
            assertThat(run(cuda, Path.FUSED, rule(Norm.LINF, 0, precision), false).x)
                    .isEqualTo(run(cpu, Path.LAYERED, rule(Norm.LINF, 0, Precision.FLOAT32), false).x);
        }
    }

    @Test
    void aStepDiffersFromTheCpuDevicesOnlyWhereAGradientIsWithinRoundingOfZero() {
        float[] start = run(cpu, Path.LAYERED, rule(Norm.LINF, 0, Precision.FLOAT32), false).x;
        Loop.Rule rule = rule(Norm.LINF, 1, Precision.FLOAT32);
        float[] ours = run(cuda, Path.FUSED, rule, false).x;
        float[] theirs = run(cpu, Path.LAYERED, rule, false).x;
        int within = 0;
        int kinks = 0;
        for (int i = 0; i < N; i++) {
            Gradient gradient = Gradient.of(start, i);
            int before = within;
            for (int j = 0; j < D; j++) {
                boolean zero = Math.abs(gradient.values[j]) <= gradient.errors[j];
                within += zero ? 1 : 0;
                if (!zero) {
                    assertThat(ours[i * D + j]).as("example %d, pixel %d", i, j).isEqualTo(theirs[i * D + j]);
                }
            }
            if (gradient.kink) {
                kinks++;
                within = before;
            }
        }
        // 128 hidden sums an example, each with a chance of 0.1 % to be within rounding of ReLU's kink.
        assertThat(kinks).isLessThanOrEqualTo(N / 4);
        assertThat(apart(ours, theirs)).isLessThanOrEqualTo(MOST_TURNED);
        assertThat(within).isLessThanOrEqualTo(MOST_WITHIN);
    }

    /**
     * Elements of N x D whose gradient the bound of {@link Gradient} does not tell from zero. A gradient is a sum of some 64
     * products of either sign, so its density at zero is that of a normal distribution with 1/8 of the sum A of their sizes
     * as deviation: 0.4 / (A / 8) = 3.2 / A. Its error is at most that of the hidden sums, 785 roundoffs of some 10 in sizes,
     * times the second layer's sizes, some 6, twice for softmax: 1e5 roundoffs of A. The share is 2 x 1e5 x 2^-24 x 3.2.
     */
    private static final int MOST_WITHIN = N * D / 25;

    /** Those that really turn: roundings of 785 terms add up as the square root of their number, 28. */
    private static final int MOST_TURNED = MOST_WITHIN / 28;

    @ParameterizedTest
    @EnumSource(Norm.class)
    void tenStepsEndWhereTheCpuDevicesDo(Norm norm) {
        Loop.Rule rule = rule(norm, 10, Precision.FLOAT32);
        assertNear(norm, 10, run(cuda, Path.FUSED, rule, false).x, run(cpu, Path.LAYERED, rule, false).x);
    }

    @ParameterizedTest
    @CsvSource({"LINF, TF32", "LINF, BF16", "L2, TF32", "L2, BF16", "L1, TF32", "L1, BF16"})
    void withRoundedOperandsBothPathsEndInTheSamePlace(Norm norm, Precision precision) {
        for (int steps : new int[] {0, 1, 10}) {
            Loop.Rule rule = rule(norm, steps, precision);
            assertNear(norm, steps, run(cuda, Path.FUSED, rule, false).x, run(cuda, Path.LAYERED, rule, false).x);
        }
    }

    /**
     * Two paths whose products differ in the order of their sums alone. Where such a difference turns the rounding of an
     * operand over, it costs a whole unit of the format, but only in proportion to its size: in the mean the gradients are
     * as far apart as in float32. L-inf: each step turns as many elements, and as many once more because of those before.
     * L2: each step adds the relative error of the gradient, 1e5 / 28 roundoffs, and twice as much for those before. L1:
     * which coordinates move changes only where two are within rounding of one another, in an example or two; else sums in
     * another order show in the last places.
     */
    private static void assertNear(Norm norm, int steps, float[] ours, float[] theirs) {
        int moved = 0;
        for (int i = 0; i < N; i++) {
            double distance = Norm.L2.distance(ours, i * D, theirs, i * D, D);
            double close = Values.ROUNDOFF * Math.sqrt(D) + 1e4 * Values.ROUNDOFF * steps * epsilon(Norm.L2) / 4;
            moved += distance > close ? 1 : 0;
        }
        switch (norm) {
            case LINF -> assertThat(apart(ours, theirs)).isLessThanOrEqualTo(2 * steps * MOST_TURNED);
            case L2 -> assertThat(moved).isZero();
            case L1 -> assertThat(moved).isLessThanOrEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(Norm.class)
    void theVerdictsOfAnyIterateAreThoseOfTheCpuDevice(Norm norm) {
        Loop.Rule rule = rule(norm, 5, Precision.FLOAT32);
        Result ours = run(cuda, Path.FUSED, rule, true);
        Result theirs = run(cpu, Path.FUSED, rule, true);
        assertThat(ours.beaten).isEqualTo(theirs.beaten);
        assertThat(ours.beaten).contains(0).doesNotContain(-1); // some by their start, some by a later step
        for (int i = 0; i < N; i++) {
            // The loss moves by what the logits move: sums of at most 800 terms, through two layers.
            assertThat((double) ours.objective[i])
                    .isCloseTo(theirs.objective[i], Offset.offset(2 * 800 * Values.ROUNDOFF * 10));
        }
    }

    @ParameterizedTest
    @CsvSource({"LINF, TF32", "LINF, BF16", "L2, TF32", "L2, BF16", "L1, TF32", "L1, BF16"})
    void theVerdictsOfAnyIterateAreThoseOfTheLayeredPath(Norm norm, Precision precision) {
        Loop.Rule rule = rule(norm, 5, precision);
        Result fused = run(cuda, Path.FUSED, rule, true);
        Result layered = run(cuda, Path.LAYERED, rule, true);
        assertThat(fused.beaten).isEqualTo(layered.beaten);
        for (int i = 0; i < N; i++) {
            // A hidden value whose rounding turns over moves a logit by a unit of bf16 of itself times a weight of 0.1.
            assertThat((double) fused.objective[i]).isCloseTo(layered.objective[i], Offset.offset(0x1p-8 * 0.1));
        }
    }

    /** Cross-entropy's gradient at an input of MODEL in double, and a bound of what float32 may get wrong. */
    @SuppressWarnings("ArrayRecordComponent") // a pair of results, never compared
    private record Gradient(double[] values, double[] errors, boolean kink) {
        static Gradient of(float[] x, int row) {
            int w1 = 0;
            int b1 = HIDDEN * D;
            int w2 = b1 + HIDDEN;
            int b2 = w2 + CLASSES * HIDDEN;
            double[] h = new double[HIDDEN];
            double[] hError = new double[HIDDEN];
            boolean[] unsure = new boolean[HIDDEN];
            boolean kink = false;
            for (int k = 0; k < HIDDEN; k++) {
                double sum = parameters[b1 + k];
                double size = Math.abs(sum);
                for (int j = 0; j < D; j++) {
                    double term = (double) parameters[w1 + k * D + j] * x[row * D + j];
                    sum += term;
                    size += Math.abs(term);
                }
                hError[k] = (D + 1) * Values.ROUNDOFF * size;
                unsure[k] = Math.abs(sum) <= hError[k];
                kink |= unsure[k];
                h[k] = Math.max(0, sum);
            }
            double[] p = new double[CLASSES];
            double zError = 0;
            double total = 0;
            for (int c = 0; c < CLASSES; c++) {
                double sum = parameters[b2 + c];
                double size = Math.abs(sum);
                double error = 0;
                for (int k = 0; k < HIDDEN; k++) {
                    double w = parameters[w2 + c * HIDDEN + k];
                    sum += w * h[k];
                    size += Math.abs(w * h[k]);
                    error += Math.abs(w) * hError[k];
                }
                zError = Math.max(zError, error + (HIDDEN + 1) * Values.ROUNDOFF * size);
                p[c] = Math.exp(sum);
                total += p[c];
            }
            double[] d = new double[HIDDEN];
            double[] dError = new double[HIDDEN];
            for (int k = 0; k < HIDDEN; k++) {
                for (int c = 0; c < CLASSES; c++) {
                    double w = parameters[w2 + c * HIDDEN + k];
                    double dz = p[c] / total - (labels[row] == c ? 1 : 0);
                    // exp, its sum and the quotient round some 20 times.
                    double error = p[c] / total * (2 * zError + 20 * Values.ROUNDOFF);
                    d[k] += w * dz;
                    dError[k] += Math.abs(w) * (error + (CLASSES + 1) * Values.ROUNDOFF * Math.abs(dz));
                }
                if (unsure[k]) {
                    dError[k] += Math.abs(d[k]);
                } else if (h[k] == 0) {
                    d[k] = 0;
                    dError[k] = 0;
                }
            }
            double[] values = new double[D];
            double[] errors = new double[D];
            for (int j = 0; j < D; j++) {
                for (int k = 0; k < HIDDEN; k++) {
                    double w = parameters[w1 + k * D + j];
                    values[j] += w * d[k];
                    errors[j] += Math.abs(w) * (dError[k] + (HIDDEN + 1) * Values.ROUNDOFF * Math.abs(d[k]));
                }
            }
            return new Gradient(values, errors, kink);
        }
    }
}
