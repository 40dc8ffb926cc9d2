package org.saddlepoint.device.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.Start;

/**
 * kernels/pgd_mlp.cu: the whole attack of a dense stack in one launch. Writes the structure that the kernel takes by value, in
 * memory that is used again and again: one object for each stack and plan, for one thread at a time.
 */
final class PgdMlp {
    /** sizeof(PgdMlp); kernels/pgd_mlp/parameters.cuh asserts it and the offsets below. */
    static final int BYTES = 944;

    private static final int LAYER_BYTES = 96;
    private static final int AHEAD = 56;
    private static final int BACK = 76;
    private static final int POINTERS = 768;
    private static final int SEED = 840;
    private static final int RULE = 848;
    private static final int PLACES = 900;

    private final PgdMlpPlan plan;
    private final String entry;
    private final ByteBuffer parameters = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());

    /**
     * One layer's arrays on the device.
     *
     * @param weights out x in float32
     * @param bias out float32
     * @param forward bf16 alone, else 0: the forward copy of dense_prepare_bf16, 16-byte aligned
     * @param backward bf16 alone, else 0: the backward copy, 16-byte aligned
     * @param activation of the layer's output
     */
    record Layer(long weights, long bias, long forward, long backward, Activation activation) {}

    /**
     * The batch's arrays on the device; 0 is the null pointer.
     *
     * @param n examples
     * @param origin n x d
     * @param labels n
     * @param indices n, with a random start
     * @param cursor four ints, or 0: the epoch stands in the stream's word
     * @param x n x d, without keep
     * @param bestX n x d, with keep
     * @param bestObjective n, with keep
     * @param beaten n, with keep; else 0 or n
     * @param zeroGradients n, or 0
     */
    record Batch(
            int n,
            long origin,
            long labels,
            long indices,
            long cursor,
            long x,
            long bestX,
            long bestObjective,
            long beaten,
            long zeroGradients) {}

    /**
     * What is done; the norm is the plan's.
     *
     * @param loss to ascend, or to descend where it is targeted
     * @param steps K, at least 0
     * @param start where it begins
     * @param targeted whether labels are targets
     * @param keep whether every iterate is a candidate for the best
     * @param stepSize the length of a step
     * @param epsilon the radius
     * @param top L1 alone
     * @param seed of the random start
     * @param stream its purpose and epoch
     * @param restart its number
     */
    record Rule(
            LossKind loss,
            int steps,
            Start start,
            boolean targeted,
            boolean keep,
            float stepSize,
            float epsilon,
            int top,
            long seed,
            int stream,
            int restart) {}

    /**
     * A launch.
     *
     * @param entry the kernel's name
     * @param parameters its only argument, direct and in native order; valid until the next call of {@link PgdMlp#call}
     * @param blocks in a row
     * @param threads of a block
     * @param sharedBytes dynamic shared memory of a block
     */
    record Call(String entry, ByteBuffer parameters, long blocks, int threads, int sharedBytes) {}

    PgdMlp(PgdMlpPlan plan) {
        this.plan = plan;
        this.entry = switch (plan.shape().precision()) {
            case FLOAT32 -> "pgd_mlp";
            case TF32 -> "pgd_mlp_tf32";
            case BF16 -> "pgd_mlp_bf16";
        };
    }

    /**
     * The launch of an attack; n is at least 1.
     *
     * @param layers of the plan's widths
     * @param batch its arrays
     * @param rule what is done
     * @return what the driver is told
     */
    Call call(List<Layer> layers, Batch batch, Rule rule) {
        check(layers, batch, rule);
        for (int i = 0; i < layers.size(); i++) {
            put(i, layers.get(i));
        }
        parameters
                .putLong(POINTERS, batch.origin())
                .putLong(POINTERS + 8, batch.labels())
                .putLong(POINTERS + 16, batch.indices())
                .putLong(POINTERS + 24, batch.cursor())
                .putLong(POINTERS + 32, batch.x())
                .putLong(POINTERS + 40, batch.bestX())
                .putLong(POINTERS + 48, batch.bestObjective())
                .putLong(POINTERS + 56, batch.beaten())
                .putLong(POINTERS + 64, batch.zeroGradients())
                .putLong(SEED, rule.seed());
        parameters
                .putInt(RULE, batch.n())
                .putInt(RULE + 4, layers.size())
                .putInt(RULE + 8, plan.shape().norm().ordinal())
                .putInt(RULE + 12, rule.loss().ordinal())
                .putInt(RULE + 16, rule.steps())
                .putInt(RULE + 20, rule.start().ordinal())
                .putInt(RULE + 24, rule.targeted() ? 1 : 0)
                .putInt(RULE + 28, rule.keep() ? 1 : 0)
                .putFloat(RULE + 32, rule.stepSize())
                .putFloat(RULE + 36, rule.epsilon())
                .putInt(RULE + 40, rule.top())
                .putInt(RULE + 44, rule.stream())
                .putInt(RULE + 48, rule.restart());
        parameters
                .putInt(PLACES, plan.tile())
                .putInt(PLACES + 4, plan.inputRows())
                .putInt(PLACES + 8, plan.inputPitch())
                .putInt(PLACES + 12, plan.gradient())
                .putInt(PLACES + 16, plan.logitGradient())
                .putInt(PLACES + 20, plan.logitPitch())
                .putInt(PLACES + 24, plan.stage())
                .putInt(PLACES + 28, plan.stageWords())
                .putInt(PLACES + 32, plan.stageWords() > 0 ? 1 : 0)
                .putInt(PLACES + 36, plan.scratch());
        long blocks = (batch.n() + plan.tile() - 1L) / plan.tile();
        return new Call(entry, parameters, blocks, PgdMlpPlan.THREADS, plan.sharedBytes());
    }

    private void put(int i, Layer layer) {
        PgdMlpPlan.LayerPlan places = plan.layers().get(i);
        int at = i * LAYER_BYTES;
        parameters
                .putLong(at, layer.weights())
                .putLong(at + 8, layer.bias())
                .putLong(at + 16, layer.forward())
                .putLong(at + 24, layer.backward())
                .putInt(at + 32, plan.shape().in(i))
                .putInt(at + 36, plan.shape().out(i))
                .putInt(at + 40, layer.activation().kind().ordinal())
                .putFloat(at + 44, layer.activation().slope())
                .putInt(at + 48, places.output())
                .putInt(at + 52, places.outputPitch());
        put(at + AHEAD, places.ahead());
        put(at + BACK, places.back());
    }

    private void put(int at, PgdMlpPlan.MatrixPlan matrix) {
        parameters
                .putInt(at, matrix.resident())
                .putInt(at + 4, matrix.residentRows())
                .putInt(at + 8, matrix.residentPitch())
                .putInt(at + 12, matrix.features())
                .putInt(at + 16, matrix.depth());
    }

    private void check(List<Layer> layers, Batch batch, Rule rule) {
        require(layers.size() == plan.shape().layers(), "layers", layers.size(), "those of the plan");
        require(batch.n() >= 1, "n", batch.n(), "at least 1");
        require(rule.steps() >= 0, "steps", rule.steps(), "at least 0");
        require(rule.keep() || batch.x() != 0, "x", batch.x(), "an array, where no iterate is kept");
        require(
                !rule.keep() || (batch.bestX() != 0 && batch.bestObjective() != 0 && batch.beaten() != 0),
                "beaten",
                batch.beaten(),
                "an array, and so must those of the best iterate, where one is kept");
        require(
                rule.start() == Start.ORIGINAL || batch.indices() != 0,
                "indices",
                batch.indices(),
                "an array for a random start");
        for (Layer layer : layers) {
            if (plan.shape().precision() == Precision.BF16) {
                require(
                        layer.forward() != 0 && layer.forward() % 16 == 0,
                        "forward",
                        layer.forward(),
                        "16-byte aligned");
                require(
                        layer.backward() != 0 && layer.backward() % 16 == 0,
                        "backward",
                        layer.backward(),
                        "16-byte aligned");
            } else {
                require(layer.weights() % 4 == 0 && layer.weights() != 0, "weights", layer.weights(), "4-byte aligned");
            }
        }
    }

    private static void require(boolean holds, String name, long value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException("pgd_mlp: " + name + " is " + value + ": it must be " + expected);
        }
    }
}
