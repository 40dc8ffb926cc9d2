package org.saddlepoint.attack;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Cursor;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.OutOfDeviceMemoryException;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.model.BoundModel;
import org.saddlepoint.model.BoundVictim;

/**
 * A batch on the device, as an attack gets it. All buffers are planned once for the largest batch.
 */
public final class AttackBatch implements AutoCloseable {
    private final BoundVictim victim;
    private final BufferArena arena;
    private final Buffer origin;
    private final Buffer x;
    private final Buffer labels;
    private final Buffer indices;
    private final @Nullable BestIterate best;
    private int n;
    private int budget = Integer.MAX_VALUE;
    private RandomStream random;
    private @Nullable Cursor cursor;

    /**
     * Plans the buffers of a batch.
     *
     * @param victim bound to the largest batch
     * @param random the stream of random starts
     * @param verdict whether the best iterate is to be kept (evaluation), or only the last matters (training)
     */
    public AttackBatch(BoundVictim victim, RandomStream random, boolean verdict) {
        this.victim = victim;
        this.random = random;
        this.arena = victim.device().arena();
        int batch = victim.batch();
        long values = (long) batch * features();
        try {
            this.origin = arena.floats(values);
            this.x = arena.floats(values);
            this.labels = arena.ints(batch);
            this.indices = arena.ints(batch);
            this.best = verdict
                    ? new BestIterate(arena.floats(values), arena.floats(batch), arena.ints(batch), arena.ints(batch))
                    : null;
        } catch (RuntimeException e) {
            arena.close();
            throw e instanceof OutOfDeviceMemoryException full && victim instanceof BoundModel model
                    ? model.withBatchThatFits(full)
                    : e;
        }
        this.n = batch;
    }

    /**
     * Says how many examples the buffers hold now, and forgets the best iterate of the last ones.
     *
     * @param examples at most the model's batch
     * @param stream the stream of random starts
     */
    public void begin(int examples, RandomStream stream) {
        begin(examples, stream, null);
    }

    /**
     * {@link #begin(int, RandomStream)} for a batch of a training.
     *
     * @param examples at most the model's batch
     * @param stream the stream of random starts
     * @param cursor where the training stands: the stream's epoch is the cursor's
     */
    public void begin(int examples, RandomStream stream, @Nullable Cursor cursor) {
        this.n = examples;
        victim.count(budget);
        this.random = stream;
        this.cursor = cursor;
        if (best != null) {
            operations().fill(n, Float.NEGATIVE_INFINITY, best.objective());
            operations().fill(n, -1f, best.beaten());
            operations().fill(n, 0f, best.zeroGradients());
        }
    }

    /**
     * The loop of a gradient attack over this batch.
     *
     * @param rule what is done
     * @param restart its number, from 0
     * @param keep whether every iterate is a candidate for the best
     * @return the loop
     */
    public Loop loop(Loop.Rule rule, int restart, boolean keep) {
        return new Loop(n, origin, labels, indices, x, rule, random, restart << 16, best, keep, cursor);
    }

    /**
     * The model with its gradients, in evaluation mode; only an attack whose {@link Attack#needs} are gradients may ask for it.
     *
     * @return bound to a batch of at least {@link #size}
     */
    public BoundModel model() {
        if (victim instanceof BoundModel model) {
            return model;
        }
        throw new IllegalStateException("the victim is an oracle: it has no gradients");
    }

    /**
     * What is attacked, as all attacks may know it.
     *
     * @return bound to a batch of at least {@link #size}
     */
    public BoundVictim victim() {
        return victim;
    }

    /**
     * Queries that may be asked about each example, inside {@link BoundVictim#query}.
     *
     * @return at least 1
     */
    public int budget() {
        return budget;
    }

    /**
     * Sets the budget of the examples that follow.
     *
     * @param queries at least 1
     */
    void budget(int queries) {
        this.budget = queries;
    }

    /**
     * Gives way to cancellation; attacks that run long call it now and then.
     *
     * @throws CancellationException where the thread was interrupted; it stays so
     */
    public void requireGoing() {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("the attack was cancelled: its thread was interrupted");
        }
    }

    /**
     * The operation set of the device.
     *
     * @return the operations
     */
    public Operations operations() {
        return victim.device().operations();
    }

    /**
     * Examples in this batch.
     *
     * @return n
     */
    public int size() {
        return n;
    }

    /**
     * Values of an input.
     *
     * @return d
     */
    public int features() {
        return victim.input().size();
    }

    /**
     * The original inputs.
     *
     * @return n x d float32, not to be changed
     */
    public Buffer origin() {
        return origin;
    }

    /**
     * The adversarial inputs: where an attack leaves its result.
     *
     * @return n x d float32, at first a copy of the originals
     */
    public Buffer x() {
        return x;
    }

    /**
     * The classes to leave; of a targeted attack, the classes to reach.
     *
     * @return n int32
     */
    public Buffer labels() {
        return labels;
    }

    /**
     * The examples' positions in their data set, from which random numbers follow.
     *
     * @return n int32
     */
    public Buffer indices() {
        return indices;
    }

    /**
     * The stream of random starts.
     *
     * @return seed, purpose and epoch
     */
    public RandomStream random() {
        return random;
    }

    /**
     * The best iterate so far.
     *
     * @return null in training
     */
    public @Nullable BestIterate best() {
        return best;
    }

    @Override
    public void close() {
        arena.close();
    }
}
