package org.saddlepoint.device.cuda;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Precision;
import org.saddlepoint.threat.Norm;

/**
 * How kernels/pgd_mlp.cu runs the attack of a dense stack in one launch: the tile of examples a block holds, which weights
 * stay in its shared memory and in what chunks the others come. It follows from layer widths, norm, precision and the
 * device's shared memory alone, never from a batch, and none of it shows in the bits of a result.
 *
 * <p>Offsets and pitches count 4-byte words; kernels/pgd_mlp/parameters.cuh says what each means.
 *
 * @param shape what it is for
 * @param tile T, examples a block
 * @param sharedBytes dynamic shared memory of a block
 * @param inputRows offset of the input's rows
 * @param inputPitch of the input's and its gradient's rows
 * @param gradient offset of the gradient at the input, L2 and L1 alone
 * @param logitGradient offset of the gradient at the logits
 * @param logitPitch of its rows
 * @param scratch offset of the warps' scratch, L1 alone
 * @param stage offset of the first of two stages
 * @param stageWords the size of a stage, 0 where all weights are resident
 * @param layers from input to logits
 */
record PgdMlpPlan(
        Shape shape,
        int tile,
        int sharedBytes,
        int inputRows,
        int inputPitch,
        int gradient,
        int logitGradient,
        int logitPitch,
        int scratch,
        int stage,
        int stageWords,
        List<LayerPlan> layers) {
    /** Threads of a block. */
    static final int THREADS = 256;

    /** The most layers that the kernel takes. */
    static final int MAX_LAYERS = 8;

    /** Shared memory that the kernel declares itself, rounded up. */
    static final int STATIC_BYTES = 1024;

    /** Words of a stage that are worth having: copies this long hide most of what it takes to begin one. */
    static final int ENOUGH_STAGE_WORDS = 6 * 1024;

    /**
     * What a plan is made for.
     *
     * @param widths features of the input, of each hidden layer, and classes
     * @param norm of the steps
     * @param precision of the products' operands
     */
    record Shape(List<Integer> widths, Norm norm, Precision precision) {
        Shape {
            widths = List.copyOf(widths);
            if (widths.size() < 2 || widths.stream().anyMatch(width -> width < 1)) {
                throw new IllegalArgumentException("widths are " + widths + ": at least two, all positive");
            }
        }

        int layers() {
            return widths.size() - 1;
        }

        int in(int layer) {
            return widths.get(layer);
        }

        int out(int layer) {
            return widths.get(layer + 1);
        }

        boolean half() {
            return precision == Precision.BF16;
        }

        /** The distance of rows of activations: what tensor cores read past the end is there, in 32 banks. */
        int pitch(int width) {
            return half() ? up(width, 16) + 8 : up(width, 8) + 4;
        }

        /** Multiply-adds of a forward pass of one example. */
        long products() {
            return IntStream.range(0, layers())
                    .mapToLong(i -> (long) in(i) * out(i))
                    .sum();
        }

        @Override
        public String toString() {
            String stack = widths.stream().map(String::valueOf).collect(Collectors.joining("-"));
            return stack + " (" + norm.label() + ", " + precision.label() + ")";
        }
    }

    /**
     * A matrix as products read it.
     *
     * @param resident offset of its resident rows
     * @param residentRows how many stay in shared memory, from the first on
     * @param residentPitch of these rows
     * @param features of a chunk
     * @param depth of a chunk
     */
    record MatrixPlan(int resident, int residentRows, int residentPitch, int features, int depth) {}

    /**
     * A layer.
     *
     * @param output offset of its rows of outputs
     * @param outputPitch of these rows
     * @param ahead W, or bf16's copy for the forward product
     * @param back bf16's copy for the way back; else only its chunks count
     */
    record LayerPlan(int output, int outputPitch, MatrixPlan ahead, MatrixPlan back) {}

    /**
     * Which path a stack takes.
     *
     * @param plan of the fused path, or null where it does not fit
     * @param fused whether the fused path is the faster one on paper
     * @param reason one line for the log
     */
    record Choice(@Nullable PgdMlpPlan plan, boolean fused, String reason) {}

    /** Copies the list. */
    PgdMlpPlan {
        layers = List.copyOf(layers);
    }

    /**
     * Shared memory that a block may ask for on an architecture, where the driver was not asked.
     *
     * @param major of the compute capability
     * @param minor of the compute capability
     * @return bytes
     */
    static int sharedBudget(int major, int minor) {
        int kibibytes = switch (major) {
            case 8 -> minor == 0 || minor == 7 ? 163 : 99;
            case 9, 10, 11 -> 227;
            default -> 99;
        };
        return kibibytes * 1024;
    }

    /**
     * The path of a stack, by its widths alone.
     *
     * @param shape of the stack
     * @param sharedBudget bytes of shared memory that a block may have
     * @return fused or layered, and why
     */
    static Choice choose(Shape shape, int sharedBudget) {
        PgdMlpPlan plan = of(shape, sharedBudget);
        if (plan == null) {
            String why = shape.layers() > MAX_LAYERS
                    ? "it has more than " + MAX_LAYERS + " layers"
                    : "a block of 8 examples does not fit into " + sharedBudget / 1024 + " KiB of shared memory";
            return new Choice(null, false, shape + ": layered attack, for " + why);
        }
        PgdMlpEstimate estimate = PgdMlpEstimate.of(plan);
        boolean fused = estimate.fusedMicros() < estimate.layeredMicros();
        String reason = String.format(
                Locale.ROOT,
                "%s: %s attack; on paper a step takes a block of %d examples %.0f us, with %.2f MB of weights"
                        + " streamed, and %d launches %.0f us",
                shape,
                fused ? "fused" : "layered",
                plan.tile,
                estimate.fusedMicros(),
                plan.streamedBytes() / 1e6,
                estimate.launches(),
                estimate.layeredMicros());
        return new Choice(plan, fused, reason);
    }

    /**
     * The plan for a stack, whether or not it is the faster path.
     *
     * @param shape of the stack
     * @param sharedBudget bytes of shared memory that a block may have
     * @return the plan, or null if the stack does not fit
     */
    static @Nullable PgdMlpPlan of(Shape shape, int sharedBudget) {
        // float32 is bound by its multiply-adds: small tiles occupy more multiprocessors. On tensor cores the weights'
        // way from the second-level cache counts, and a tile of 16 halves it; as long as a stage is worth its name.
        if (shape.precision() != Precision.FLOAT32) {
            PgdMlpPlan wide = of(shape, sharedBudget, 16, ENOUGH_STAGE_WORDS);
            if (wide != null) {
                return wide;
            }
        }
        return of(shape, sharedBudget, 8, 0);
    }

    /** The plan with a given tile, or null if less than so many words are left for a stage. */
    static @Nullable PgdMlpPlan of(Shape shape, int sharedBudget, int tile, int leastStageWords) {
        if (shape.layers() > MAX_LAYERS) {
            return null;
        }
        return new PgdMlpPacking(shape, tile, (sharedBudget - STATIC_BYTES) / 4).pack(leastStageWords);
    }

    /**
     * Bytes of weights that a block reads from the second-level cache each step.
     *
     * @return forward and backward together
     */
    long streamedBytes() {
        long bytes = 0;
        for (int i = 0; i < layers.size(); i++) {
            LayerPlan layer = layers.get(i);
            int in = shape.in(i);
            int out = shape.out(i);
            if (shape.half()) {
                bytes += 2L * (out - layer.ahead().residentRows()) * up(in, 8);
                bytes += 2L * (in - layer.back().residentRows()) * up(out, 8);
            } else {
                bytes += 2 * 4L * (out - layer.ahead().residentRows()) * in;
            }
        }
        return bytes;
    }

    static int up(int value, int multiple) {
        return (value + multiple - 1) / multiple * multiple;
    }
}
