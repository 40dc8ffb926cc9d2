package org.saddlepoint.device;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.threat.Norm;

/**
 * The operation set: all that attacks, losses and training ask of a device. Matrices are row-major float32; n counts
 * examples, in and out the features of a dense layer, d the features of an input, c the classes; labels and indices are
 * int32. Outputs are overwritten. Buffers may be longer than needed.
 *
 * <p>Bits: each element has one fixed summation order, so results do not depend on threads or on other examples in the
 * batch. Every operation throws {@link IllegalArgumentException} for a buffer too short or of the wrong type.
 */
public interface Operations {
    /**
     * This operation set with the operands of dense products rounded; all else is as it is here.
     *
     * @param precision the format of the operands
     * @return this operation set for float32
     * @throws IllegalArgumentException where the device has no such products
     */
    Operations at(Precision precision);

    /**
     * Does work whose operations each treat every example of a batch for itself, in an order and a division that suit the
     * device; the bits are those of one operation after the other. Nothing may read a buffer on the host meanwhile.
     *
     * @param n examples, which every operation of the work has
     * @param done n int32: an example needs no further work once this is not negative; null: all of them do
     * @param work calls operations of the set it is given, and of no other
     */
    default void together(int n, @Nullable Buffer done, Consumer<Operations> work) {
        work.accept(this);
    }

    /**
     * Convolution and pooling, at this operation set's precision.
     *
     * @return this device's
     */
    ImageOperations images();

    /**
     * Normalisation layers and dropout.
     *
     * @return this device's
     */
    NormalizationOperations normalizations();

    /**
     * Random search without gradients.
     *
     * @return this device's
     */
    SearchOperations searches();

    /**
     * Probes around a point, for attacks that learn from answers alone.
     *
     * @return this device's
     */
    ProbeOperations probes();

    /**
     * What TRADES needs.
     *
     * @return this device's
     */
    DivergenceOperations divergences();

    /**
     * Recurrent layers; their hidden products have float32 operands at any precision.
     *
     * @return this device's
     */
    SequenceOperations sequences();

    /**
     * Steps along the decision boundary.
     *
     * @return this device's
     */
    BoundaryOperations boundaries();

    /**
     * Losses towards one class, as attacks ascend them.
     *
     * @return this device's
     */
    LossOperations losses();

    /**
     * APGD's steps and its account of them.
     *
     * @return this device's
     */
    AscentOperations ascents();

    /**
     * Attack steps that remember earlier gradients.
     *
     * @return this device's
     */
    MomentumOperations momenta();

    /**
     * y = activation(a + b).
     *
     * @param length elements
     * @param a first summand
     * @param b second summand
     * @param activation applied to the sum
     * @param y the sum; may be a or b
     */
    void add(long length, Buffer a, Buffer b, Activation activation, Buffer y);

    /**
     * Copies columns of one matrix into columns of another.
     *
     * @param rows of both
     * @param columns to copy
     * @param source rows x sourceWidth
     * @param sourceWidth columns of the source
     * @param sourceAt the first column to copy
     * @param target rows x targetWidth
     * @param targetWidth columns of the target
     * @param targetAt the first column to overwrite
     * @throws IllegalArgumentException where columns reach past the end of a row
     */
    void copyColumns(
            long rows,
            int columns,
            Buffer source,
            int sourceWidth,
            int sourceAt,
            Buffer target,
            int targetWidth,
            int targetAt);

    /**
     * A new cursor for a training on this device.
     *
     * @param arena owns what the cursor keeps on the device
     * @param batches the most batches of an epoch
     * @return before its first epoch
     */
    default Cursor cursor(BufferArena arena, int batches) {
        return new Cursor();
    }

    /**
     * A new recorder of repeated work.
     *
     * @return which does work directly unless the device can record it
     */
    default Replay replay() {
        return new Replay() {
            @Override
            public void run(Object kind, Runnable work) {
                work.run();
            }

            @Override
            public void close() {}
        };
    }

    /**
     * The inputs of a data set, for the batches of a training.
     *
     * @param arena a new one, closed with the feed
     * @param source the values on the host, unchanged while the feed is open
     * @param batch the most examples of a batch
     * @return on the device as a whole unless the device does otherwise
     */
    default RowFeed feed(BufferArena arena, RowSource source, int batch) {
        return new ResidentRows(this, arena, source);
    }

    /**
     * Copies of a buffer to the host that hold nothing up.
     *
     * @param source float32 or int32
     * @return reads at once unless the device can do better
     */
    default Readback readback(Buffer source) {
        return new DirectReadback(source);
    }

    /**
     * The indices of a cursor's batch.
     *
     * @param n examples of the batch
     * @param order N int32, the epoch's order of examples
     * @param cursor where the training stands
     * @param indices n int32
     */
    default void nextBatch(int n, Buffer order, Cursor cursor, Buffer indices) {
        copy(n, order.slice(cursor.position(), n), indices);
    }

    /**
     * Files the results of a cursor's batch in the order of the epoch, and moves the cursor on.
     *
     * @param n examples of the batch; 0: nothing is filed, and the next update is of the same examples
     * @param losses n float32
     * @param predictions n int32
     * @param cursor where the training stands; one batch further afterwards
     * @param epochLosses N float32
     * @param epochPredictions N int32
     */
    default void endBatch(
            int n, Buffer losses, Buffer predictions, Cursor cursor, Buffer epochLosses, Buffer epochPredictions) {
        copy(n, losses, epochLosses.slice(cursor.position(), n));
        copy(n, predictions, epochPredictions.slice(cursor.position(), n));
        cursor.advance(n);
    }

    /**
     * Floats that a prepared copy of a dense layer's weights needs.
     *
     * @param in input features
     * @param out output features
     * @return 0 where the device needs none
     */
    long preparedLength(int in, int out);

    /**
     * Brings weights into the form in which the device multiplies fastest; to be called again after every change.
     *
     * @param in input features
     * @param out output features
     * @param weights out x in
     * @param prepared at least {@link #preparedLength} floats
     */
    void prepareDense(int in, int out, Buffer weights, Buffer prepared);

    /**
     * bfloat16 elements that each of the two prepared copies of a dense layer's weights needs.
     *
     * @param in input features
     * @param out output features
     * @return at least in * out
     */
    long preparedHalvesLength(int in, int out);

    /**
     * Rounds weights to bfloat16 and brings them into the forms in which the device multiplies them, forward and
     * backward.
     *
     * @param in input features
     * @param out output features
     * @param weights out x in
     * @param forward at least {@link #preparedHalvesLength} bfloat16
     * @param backward as many
     */
    void prepareDenseHalves(int in, int out, Buffer weights, Buffer forward, Buffer backward);

    /**
     * y = activation(x W^T + b).
     *
     * @param n examples
     * @param in input features
     * @param out output features
     * @param x n x in
     * @param weights out x in
     * @param prepared the same weights, prepared
     * @param bias out
     * @param activation applied in the epilogue
     * @param y n x out
     */
    void denseForward(
            int n,
            int in,
            int out,
            Buffer x,
            Buffer weights,
            Buffer prepared,
            Buffer bias,
            Activation activation,
            Buffer y);

    /**
     * dx = (dy W) * activation'(before): the gradient with respect to the input, and through the activation that fed it.
     *
     * @param n examples
     * @param in input features
     * @param out output features
     * @param dy n x out
     * @param weights out x in
     * @param activation of the layer before; {@link Activation#IDENTITY} for none
     * @param before n x in, that activation's output; null with the identity
     * @param dx n x in
     */
    void denseInputGradient(
            int n,
            int in,
            int out,
            Buffer dy,
            Buffer weights,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx);

    /**
     * dW = dy^T x and db = column sums of dy, summed over examples in index order.
     *
     * @param n examples
     * @param in input features
     * @param out output features
     * @param x n x in
     * @param dy n x out
     * @param dWeights out x in
     * @param dBias out
     */
    void denseWeightGradient(int n, int in, int out, Buffer x, Buffer dy, Buffer dWeights, Buffer dBias);

    /**
     * An L-inf step whose gradient dy W is never stored: the same bits as {@link #denseInputGradient} and {@link #step}.
     *
     * @param out output features of the first layer
     * @param dy n x out
     * @param weights out x d
     * @param loop batch, rule and what has been beaten
     * @param d features of an input
     */
    void denseLinfStep(int out, Buffer dy, Buffer weights, Loop loop, int d);

    /**
     * {@link #denseForward(int, int, int, Buffer, Buffer, Buffer, Buffer, Activation, Buffer)} at bf16 with weights that
     * {@link #prepareDenseHalves} rounded once instead of every time: the same bits.
     *
     * @param n examples
     * @param in input features
     * @param out output features
     * @param x n x in
     * @param weights out x in
     * @param prepared the same weights, prepared
     * @param forward the same weights, rounded
     * @param bias out
     * @param activation applied in the epilogue
     * @param y n x out
     */
    default void denseForward(
            int n,
            int in,
            int out,
            Buffer x,
            Buffer weights,
            Buffer prepared,
            Buffer forward,
            Buffer bias,
            Activation activation,
            Buffer y) {
        denseForward(n, in, out, x, weights, prepared, bias, activation, y);
    }

    /**
     * {@link #denseInputGradient(int, int, int, Buffer, Buffer, Activation, Buffer, Buffer)} at bf16 with rounded weights.
     *
     * @param n examples
     * @param in input features
     * @param out output features
     * @param dy n x out
     * @param weights out x in
     * @param backward the same weights, rounded by {@link #prepareDenseHalves}
     * @param activation of the layer before; {@link Activation#IDENTITY} for none
     * @param before n x in, that activation's output; null with the identity
     * @param dx n x in
     */
    default void denseInputGradient(
            int n,
            int in,
            int out,
            Buffer dy,
            Buffer weights,
            Buffer backward,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx) {
        denseInputGradient(n, in, out, dy, weights, activation, before, dx);
    }

    /**
     * {@link #denseLinfStep(int, Buffer, Buffer, Loop, int)} at bf16 with rounded weights.
     *
     * @param out output features of the first layer
     * @param dy n x out
     * @param weights out x d
     * @param backward the same weights, rounded by {@link #prepareDenseHalves}
     * @param loop batch, rule and what has been beaten
     * @param d features of an input
     */
    default void denseLinfStep(int out, Buffer dy, Buffer weights, Buffer backward, Loop loop, int d) {
        denseLinfStep(out, dy, weights, loop, d);
    }

    /**
     * y = activation(x); x and y may be the same.
     *
     * @param length elements
     * @param x input
     * @param activation the function
     * @param y output
     */
    void activate(long length, Buffer x, Activation activation, Buffer y);

    /**
     * dx = dy * activation'(y); dx and dy may be the same.
     *
     * @param length elements
     * @param y the activation's output
     * @param dy gradient with respect to it
     * @param activation the function
     * @param dx gradient with respect to its input
     */
    void activationGradient(long length, Buffer y, Buffer dy, Activation activation, Buffer dx);

    /**
     * y = x * scale[channel] + shift[channel].
     *
     * @param n examples
     * @param channels of an example
     * @param size values of a channel
     * @param x n x channels x size
     * @param scale channels
     * @param shift channels, or null for zeros
     * @param y n x channels x size
     */
    void scaleShift(int n, int channels, int size, Buffer x, Buffer scale, @Nullable Buffer shift, Buffer y);

    /**
     * A loss from logits and its gradient with respect to them, in one pass.
     *
     * @param kind which loss
     * @param n examples
     * @param c classes
     * @param logits n x c
     * @param labels n, each in [0, c)
     * @param factor multiplies the gradient
     * @param rescaled cross-entropy alone: an example's gradient divided by a positive number, such that it neither
     *     underflows nor cancels; for steps that are free of scale
     * @param loss n, or null
     * @param gradient n x c, or null
     */
    void loss(
            LossKind kind,
            int n,
            int c,
            Buffer logits,
            Buffer labels,
            float factor,
            boolean rescaled,
            @Nullable Buffer loss,
            @Nullable Buffer gradient);

    /**
     * The class of the largest logit; ties: the lowest.
     *
     * @param n examples
     * @param c classes
     * @param logits n x c
     * @param out n int32
     */
    void argMax(int n, int c, Buffer logits, Buffer out);

    /**
     * One step of a loop's rule on its x, in place, then the projection onto ball and box. Rows that the loop's best
     * iterate has as beaten are left alone; rows whose gradient is zero throughout are counted there.
     *
     * @param loop batch and rule
     * @param d features of an input
     * @param gradient n x d
     */
    void step(Loop loop, int d, Buffer gradient);

    /**
     * Projects x onto the ball about its origin and onto the box; a point inside stays as it is.
     *
     * @param norm of the ball
     * @param epsilon its radius
     * @param n examples
     * @param d features of an input
     * @param origin n x d, in the box
     * @param x n x d, in place
     */
    void project(Norm norm, float epsilon, int n, int d, Buffer origin, Buffer x);

    /**
     * x = origin + a uniform draw from the loop's ball, projected onto ball and box unless the rule starts in all of the ball.
     *
     * @param loop batch, rule and random stream
     * @param d features of an input
     */
    void randomStart(Loop loop, int d);

    /**
     * The random words of examples: word e of example i is element e of the stream at {@code indices[i]}.
     *
     * @param n examples
     * @param d words of an example
     * @param indices n
     * @param random the stream
     * @param restart the number of the restart
     * @param words n x d int32
     */
    void randomWords(int n, int d, Buffer indices, RandomStream random, int restart, Buffer words);

    /**
     * Keeps the current iterate of each example in the loop's best iterate where it is better.
     *
     * @param loop batch and best iterate
     * @param d features of an input
     * @param c classes
     * @param logits n x c, of the loop's x
     * @param loss n, of the loop's x
     * @param step the number of the iterate: 0 for the start
     */
    void keepIterate(Loop loop, int d, int c, Buffer logits, Buffer loss, int step);

    /**
     * The whole loop over a stack of dense layers as one fused call.
     *
     * @param stack the layers
     * @param loss the loss to ascend
     * @param loop batch and rule
     * @return false where the device has no fused form of it; nothing was done then
     */
    default boolean iterateDenseStack(DenseStack stack, LossKind loss, Loop loop) {
        return false;
    }

    /**
     * A weight update of a stack of dense layers as one fused call: forward and backward, optimizer step, and the weights
     * prepared anew.
     *
     * @param stack the layers
     * @param parameters the flat array in which the layers' weights and biases lie
     * @param loss the loss to descend
     * @param update batch and optimizer
     * @return false where the device has no fused form of it; nothing was done then
     */
    default boolean updateDenseStack(DenseStack stack, Buffer parameters, LossKind loss, Update update) {
        return false;
    }

    /**
     * A step of an optimizer over a flat array of parameters.
     *
     * @param length parameters
     * @param gradient length
     * @param cursor the update at hand: settings of SGD or Adam, and its number
     * @param state the optimizer's arrays, in place
     * @param parameters length, in place
     */
    default void optimize(long length, Buffer gradient, Cursor cursor, List<Buffer> state, Buffer parameters) {
        long step = cursor.step();
        switch (cursor.settings()) {
            case SgdSettings sgd ->
                sgd(length, gradient, sgd, step, state.isEmpty() ? null : state.getFirst(), parameters);
            case AdamSettings adam -> adam(length, gradient, adam, step, state.get(0), state.get(1), parameters);
        }
    }

    /**
     * A step of SGD over a flat array of parameters (PyTorch's conventions).
     *
     * @param length parameters
     * @param gradient length
     * @param settings learning rate and the like
     * @param step from 1
     * @param velocity length, or null without momentum
     * @param parameters length, in place
     */
    void sgd(
            long length,
            Buffer gradient,
            SgdSettings settings,
            long step,
            @Nullable Buffer velocity,
            Buffer parameters);

    /**
     * A step of Adam or AdamW over a flat array of parameters.
     *
     * @param length parameters
     * @param gradient length
     * @param settings learning rate and the like
     * @param step from 1
     * @param m length, first moments, in place
     * @param v length, second moments, in place
     * @param parameters length, in place
     */
    void adam(long length, Buffer gradient, AdamSettings settings, long step, Buffer m, Buffer v, Buffer parameters);

    /**
     * Rows of a data set by index: bytes become k/255 (the nearest float32).
     *
     * @param n rows
     * @param d values of a row
     * @param source N x d, uint8 or float32
     * @param indices n, each in [0, N)
     * @param out n x d float32
     */
    void gather(int n, int d, Buffer source, Buffer indices, Buffer out);

    /**
     * Labels of a data set by index.
     *
     * @param n labels
     * @param source N int32
     * @param indices n, each in [0, N)
     * @param out n int32
     */
    void gatherLabels(int n, Buffer source, Buffer indices, Buffer out);

    /**
     * Copies elements within the device.
     *
     * @param length elements
     * @param source of the same type as the target
     * @param target overwritten
     */
    void copy(long length, Buffer source, Buffer target);

    /**
     * Sets elements of a float32 or int32 buffer to one value.
     *
     * @param length elements
     * @param value the value, rounded towards zero for int32
     * @param target overwritten
     */
    void fill(long length, float value, Buffer target);

    /**
     * The sum of float32 values, by chunks of 32 in order.
     *
     * @param length elements
     * @param values to add up
     * @param out one float32
     */
    void sum(long length, Buffer values, Buffer out);

    /** What a step of an optimizer is told. */
    sealed interface OptimizerSettings {}

    /**
     * What a step of SGD is told.
     *
     * @param learningRate above 0
     * @param momentum in [0,1)
     * @param nesterov whether to look ahead
     * @param weightDecay at least 0, added to the gradient
     */
    record SgdSettings(float learningRate, float momentum, boolean nesterov, float weightDecay)
            implements OptimizerSettings {}

    /**
     * What a step of Adam is told.
     *
     * @param learningRate above 0
     * @param beta1 in [0,1)
     * @param beta2 in [0,1)
     * @param stabilizer added to the root of the second moment
     * @param weightDecay at least 0
     * @param decoupled whether the decay is AdamW's
     */
    record AdamSettings(
            float learningRate, float beta1, float beta2, float stabilizer, float weightDecay, boolean decoupled)
            implements OptimizerSettings {}
}
