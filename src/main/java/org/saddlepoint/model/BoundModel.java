package org.saddlepoint.model;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.DenseStack;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.OutOfDeviceMemoryException;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.Start;
import org.saddlepoint.device.Update;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.threat.Norm;

/**
 * A classifier's weights bound to a batch size: every buffer of forward and backward passes is planned here, and nothing
 * is allocated afterwards. For one thread at a time; the weights are shared with all other bindings of the classifier.
 */
public final class BoundModel implements BoundVictim {
    private final Model model;
    private final Weights weights;
    private final Device device;
    private final Operations operations;
    private final BufferArena arena;
    private final int batch;
    private final Pass evaluation;
    private final BoundSequence sequence;
    private final Buffer inputGradient;
    private final Buffer origins;
    private final Buffer loss;
    private final @Nullable DenseStack stack;
    private @Nullable DenseStack halfStack;
    private boolean closed;

    BoundModel(Model model, List<Plan.Step> plan, Weights weights, Device device, int batch) {
        if (batch < 1) {
            throw new IllegalArgumentException("batch size is " + batch + ": it must be at least 1");
        }
        this.model = model;
        this.weights = weights;
        this.device = device;
        this.operations = device.operations();
        this.arena = device.arena();
        this.batch = batch;
        this.evaluation = Pass.evaluation(operations);
        try {
            this.sequence = new Binder(arena, batch, weights).bind(plan);
            this.inputGradient = arena.floats((long) batch * model.input().size());
            this.origins = arena.floats((long) batch * model.input().size());
            this.loss = arena.floats(batch);
        } catch (RuntimeException e) {
            arena.close();
            throw e instanceof OutOfDeviceMemoryException full ? withBatchThatFits(full) : e;
        }
        this.stack = sequence.layers().stream().allMatch(BoundDense.class::isInstance) ? denseStack(false) : null;
        weights.acquire();
    }

    /**
     * The same exception, saying what batch would fit, where the device can tell.
     *
     * @param full thrown while buffers of a batch of this model were allocated, which are freed by now
     * @return to be thrown
     */
    public OutOfDeviceMemoryException withBatchThatFits(OutOfDeviceMemoryException full) {
        OptionalLong free = device.freeMemory();
        if (free.isEmpty()) {
            return full;
        }
        // Inputs: origins and gradients here; originals, iterates and best iterates of an attack.
        long values = 5L * model.input().size() + 8;
        for (Plan.Step step : Plan.of(model)) {
            values += 2L * step.output().size();
        }
        long fits = Math.min(batch - 1, free.getAsLong() / (values * Float.BYTES));
        return new OutOfDeviceMemoryException(
                full.getMessage() + "; of this model and an attack's buffers, "
                        + (fits < 1 ? "not even a batch of 1 fits" : "a batch of about " + fits + " fits"),
                full);
    }

    private DenseStack denseStack(boolean halves) {
        List<DenseStack.Layer> dense = new ArrayList<>();
        for (int i = 0; i < sequence.layers().size(); i++) {
            BoundDense layer = (BoundDense) sequence.layers().get(i);
            dense.add(layer.stackLayer(sequence.gradients().get(i), halves ? halvesOf(layer) : null));
        }
        return new DenseStack(dense, inputGradient, origins, loss);
    }

    private DenseStack.Halves halvesOf(BoundDense layer) {
        DenseWeights.Halves half = layer.halves();
        return new DenseStack.Halves(
                half.forward(),
                half.backward(),
                arena.allocate(ElementType.BFLOAT16, batch * (layer.in + 1L)),
                arena.allocate(ElementType.BFLOAT16, batch * (layer.out + 1L)));
    }

    /** The stack with bfloat16 operands, planned when it is first asked for. */
    private DenseStack halfStack() {
        if (halfStack == null) {
            halfStack = denseStack(true);
        }
        return halfStack;
    }

    /**
     * Plans what an attack needs beside the rest, so that nothing is allocated when it begins.
     *
     * @param precision of the attack's products
     */
    public void prepare(Precision precision) {
        weights.prepare(precision);
        if (precision == Precision.BF16 && stack != null) {
            halfStack();
        }
    }

    /**
     * The model.
     *
     * @return as a value
     */
    public Model model() {
        return model;
    }

    @Override
    public Shape input() {
        return model.input();
    }

    @Override
    public int classes() {
        return model.classes();
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public int batch() {
        return batch;
    }

    @Override
    public Buffer forward(int n, Buffer x) {
        return forward(evaluation, n, x);
    }

    private Buffer forward(Pass pass, int n, Buffer x) {
        if (n < 0 || n > batch) {
            throw new IllegalArgumentException("a batch of " + n + " was given to a model bound for " + batch);
        }
        return sequence.forward(pass, n, x);
    }

    /**
     * Loss and logit gradient of the last forward pass; the first step of every backward pass.
     *
     * @param n examples
     * @param loss which loss
     * @param labels n int32
     * @param factor multiplies the gradient
     * @param rescaled whether each example's gradient may be scaled by a positive number
     * @param losses n float32, overwritten, or null
     */
    public void lossGradient(int n, Loss loss, Buffer labels, float factor, boolean rescaled, @Nullable Buffer losses) {
        lossGradient(operations, n, loss, labels, factor, rescaled, losses);
    }

    private void lossGradient(
            Operations operations,
            int n,
            Loss loss,
            Buffer labels,
            float factor,
            boolean rescaled,
            @Nullable Buffer losses) {
        BoundLayer last = sequence.layers().getLast();
        Buffer gradient = sequence.gradients().getLast();
        loss.evaluate(operations, n, last.out, last.output, labels, factor, rescaled, losses, gradient);
        last.throughOwnActivation(operations, n, gradient);
    }

    /**
     * The gradient of the loss with respect to the input, after {@link #forward} and {@link #lossGradient}.
     *
     * @param n examples
     * @param dx n x d, overwritten
     */
    public void inputGradient(int n, Buffer dx) {
        sequence.backward(evaluation, n, 0);
        sequence.inputGradient(evaluation, n, null, dx);
    }

    /**
     * The gradient of the loss with respect to all parameters into {@link Weights#gradient()}, after {@link #forward} and
     * {@link #lossGradient}.
     *
     * @param n examples
     * @param x n x d, the input of the forward pass
     */
    public void weightGradient(int n, Buffer x) {
        sequence.backward(evaluation, n, 0);
        sequence.weightGradient(evaluation, n, x);
    }

    /**
     * Moves the weights by one step of an optimizer, in the device's fused form where it has one, else layer by layer:
     * the same bits on the CPU device.
     *
     * @param update batch and optimizer
     * @param trainingLoss the loss to descend
     */
    public void update(Update update, Loss trainingLoss) {
        if (stack != null && trainingLoss.kind().isPresent()) {
            // With the bfloat16 weights in it, if there are any: they are prepared anew in the same call.
            DenseStack whole = weights.hasHalves() ? halfStack() : stack;
            if (operations.updateDenseStack(
                    whole, weights.values(), trainingLoss.kind().get(), update)) {
                return;
            }
        }
        updateLayered(update, trainingLoss);
    }

    /**
     * {@link #update} over the operation set, whatever the device could fuse.
     *
     * @param update batch and optimizer
     * @param trainingLoss the loss to descend
     */
    public void updateLayered(Update update, Loss trainingLoss) {
        together(trainingLoss, update.n(), null, with -> passes(Pass.training(with, update), update, trainingLoss));
        descend(update);
    }

    /**
     * Moves the weights by one step of an optimizer down a loss of the batch as a whole, layer by layer.
     *
     * @param update batch and optimizer; losses and predictions are left to the loss
     * @param batchLoss the loss to descend
     */
    public void update(Update update, BatchLoss batchLoss) {
        int n = update.n();
        operations.together(n, null, with -> {
            Pass pass = Pass.training(with, update);
            Buffer logits = forward(pass, n, update.x());
            BoundLayer last = sequence.layers().getLast();
            Buffer gradient = sequence.gradients().getLast();
            batchLoss.evaluate(with, logits, gradient);
            last.throughOwnActivation(with, n, gradient);
            sequence.backward(pass, n, 0);
        });
        descend(update);
    }

    /**
     * {@link #updateLayered} that takes the loss's gradient with respect to the input from the same two passes: both are of the
     * weights as they were, of batch statistics and dropout as the update has them.
     *
     * @param update batch and optimizer
     * @param trainingLoss the loss to descend
     * @param dx n x d, overwritten; not the update's x
     */
    public void update(Update update, Loss trainingLoss, Buffer dx) {
        together(trainingLoss, update.n(), null, with -> {
            Pass pass = Pass.training(with, update);
            passes(pass, update, trainingLoss);
            sequence.inputGradient(pass, update.n(), null, dx);
        });
        descend(update);
    }

    private void descend(Update update) {
        sequence.weightGradient(Pass.training(operations, update), update.n(), update.x());
        operations.optimize(
                model.parameterCount(), weights.gradient(), update.cursor(), update.state(), weights.values());
        weights.refresh();
    }

    /** A loss of a batch as a whole, which may mix its rows. */
    @FunctionalInterface
    public interface BatchLoss {
        /**
         * Evaluates it.
         *
         * @param with the operations to call, and no others
         * @param logits of all rows
         * @param gradient as many, overwritten: with respect to the logits
         */
        void evaluate(Operations with, Buffer logits, Buffer gradient);
    }

    /** The part of an update that treats each example for itself, but for batch statistics. */
    private void passes(Pass pass, Update update, Loss trainingLoss) {
        int n = update.n();
        Operations with = pass.operations();
        Buffer logits = forward(pass, n, update.x());
        lossGradient(with, n, trainingLoss, update.labels(), update.factor(), false, update.losses());
        with.argMax(n, model.classes(), logits, update.predictions());
        sequence.backward(pass, n, 0);
    }

    /**
     * Passes in evaluation mode in work of an attack's own, each example for itself.
     *
     * @param n examples, at most {@link #batch}
     * @param precision of the operands of products
     * @param done n int32: an example needs no further work once this is not negative; null: all of them do
     * @param work is given the passes, and calls their operations alone
     */
    public void together(int n, Precision precision, @Nullable Buffer done, Consumer<Passes> work) {
        if (n < 0 || n > batch) {
            throw new IllegalArgumentException("a batch of " + n + " was given to a model bound for " + batch);
        }
        operations.together(n, done, with -> work.accept(new Passes(Pass.attack(with, precision), sequence, n)));
    }

    @Override
    public void query(int n, @Nullable Buffer done, Consumer<Queries> work) {
        together(n, Precision.FLOAT32, done, work::accept);
    }

    /** A loss that the device does not know runs on the host, where nothing can wait for it. */
    private void together(Loss loss, int n, @Nullable Buffer done, Consumer<Operations> work) {
        if (loss.kind().isPresent()) {
            operations.together(n, done, work);
        } else {
            work.accept(operations);
        }
    }

    /**
     * K steps of a norm's step rule: the loop of every gradient attack, in the device's fused form where it has one, else
     * layer by layer.
     *
     * @param loop batch, rule, and what to keep
     * @param loss the loss to ascend, or to descend where the rule is targeted
     */
    public void iterate(Loop loop, Loss loss) {
        boolean half = loop.rule().precision() == Precision.BF16;
        if (stack != null && loss.kind().isPresent()) {
            DenseStack whole = half ? halfStack() : stack;
            if (operations.iterateDenseStack(whole, loss.kind().get(), loop)) {
                return;
            }
        }
        iterateLayered(loop, loss);
    }

    /**
     * {@link #iterate} over the operation set, whatever the device could fuse: the general case, and the fused form's
     * oracle.
     *
     * @param loop batch, rule, and what to keep
     * @param attackLoss the loss to ascend, or to descend where the rule is targeted
     */
    public void iterateLayered(Loop loop, Loss attackLoss) {
        BestIterate best = loop.best();
        Buffer done = loop.keep() && best != null ? best.beaten() : null;
        together(attackLoss, loop.n(), done, with -> iterateLayered(with, loop, attackLoss));
    }

    private void iterateLayered(Operations with, Loop loop, Loss attackLoss) {
        int n = loop.n();
        int d = model.input().size();
        Loop.Rule rule = loop.rule();
        Pass pass = Pass.attack(with, rule.precision());
        int first = rule.norm() == Norm.LINF ? firstThatTurnsSigns() : 0;
        BoundLayer layer = sequence.layers().get(first);
        float direction = rule.targeted() ? -1f : 1f;
        if (rule.start() != Start.ORIGINAL) {
            with.randomStart(loop, d);
        } else {
            with.copy((long) n * d, loop.origin(), loop.x());
        }
        for (int step = 0; step < rule.steps(); step++) {
            Buffer logits = forward(pass, n, loop.x());
            lossGradient(with, n, attackLoss, loop.labels(), direction, true, loop.keep() ? loss : null);
            if (loop.keep()) {
                with.keepIterate(loop, d, model.classes(), logits, loss, step);
            }
            sequence.backward(pass, n, first);
            if (rule.norm() == Norm.LINF && layer.hasLinfStep()) {
                layer.linfStep(pass, loop, sequence.gradients().get(first));
            } else {
                sequence.inputGradient(pass, n, null, inputGradient);
                with.step(loop, d, inputGradient);
            }
        }
        if (loop.keep()) {
            keepLast(pass, with, loop, attackLoss, rule.steps()); // judged as the iterates before it
        }
    }

    /** An L-inf step needs the gradient's signs alone, and those are the same behind a normalisation of the input. */
    private int firstThatTurnsSigns() {
        List<BoundLayer> layers = sequence.layers();
        return layers.size() > 1 && layers.get(0).keepsSigns() && layers.get(1).hasLinfStep() ? 1 : 0;
    }

    /**
     * Passes the loop's x forward and keeps it where it is better than what the loop's best iterate holds.
     *
     * @param loop with a best iterate
     * @param attackLoss the loss that measures an iterate
     * @param step the number of the iterate
     */
    public void keepLast(Loop loop, Loss attackLoss, int step) {
        keepLast(evaluation, operations, loop, attackLoss, step);
    }

    private void keepLast(Pass pass, Operations with, Loop loop, Loss attackLoss, int step) {
        Buffer logits = forward(pass, loop.n(), loop.x());
        attackLoss.evaluate(with, loop.n(), model.classes(), logits, loop.labels(), 1f, false, loss, null);
        with.keepIterate(loop, model.input().size(), model.classes(), logits, loss, step);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            arena.close();
            weights.release();
        }
    }

    @Override
    public String toString() {
        return model + " bound to batches of " + batch + " on " + device.name();
    }
}
