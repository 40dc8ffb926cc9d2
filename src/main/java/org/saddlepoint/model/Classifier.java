package org.saddlepoint.model;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.loss.Loss;

/**
 * A model with parameters on a device. Safe for use from several threads at once, except while it is being trained; results
 * do not depend on how calls are divided or interleaved. Close it before its device.
 */
public final class Classifier implements Victim, AutoCloseable {
    /** Examples that go through the model together; longer inputs are cut. */
    private static final int CHUNK = 256;

    private final Model model;
    private final Device device;
    private final List<Plan.Step> plan;
    private final Weights weights;
    private final Deque<Workspace> idle = new ConcurrentLinkedDeque<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    private Classifier(Model model, Device device, float[] parameters) {
        if (parameters.length != model.valueCount()) {
            throw new IllegalArgumentException(
                    parameters.length + " parameters were given for " + model + ", which has " + model.valueCount());
        }
        this.model = model;
        this.device = device;
        this.plan = Plan.of(model);
        this.weights = new Weights(model, plan, device);
        try {
            setParameters(parameters);
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    /**
     * A classifier with fresh random weights (He where a ReLU follows, else Glorot; biases zero).
     *
     * @param model the architecture
     * @param device where it lives
     * @param seed from which the weights follow
     * @return the classifier
     */
    public static Classifier initialize(Model model, Device device, long seed) {
        return new Classifier(model, device, Initialization.parameters(model, seed));
    }

    /**
     * A classifier with given weights.
     *
     * @param model the architecture
     * @param device where it lives
     * @param parameters all tensors in the order of {@link Model#tensors()}, then of {@link Model#statistics()}
     * @return the classifier
     */
    public static Classifier of(Model model, Device device, float[] parameters) {
        return new Classifier(model, device, parameters);
    }

    /**
     * A classifier from a file.
     *
     * @param file as {@link #save} writes it
     * @param device where it is to live
     * @return the classifier
     * @throws org.saddlepoint.format.MalformedFileException where the file is not whole, or holds no model
     * @throws IOException where it cannot be read
     */
    public static Classifier load(Path file, Device device) throws IOException {
        return ModelFiles.read(file).on(device);
    }

    /**
     * Writes this classifier as safetensors, whole or not at all; {@link ModelFiles} says how.
     *
     * @param file to write, replacing what is there
     * @throws IOException where it cannot be written
     */
    public void save(Path file) throws IOException {
        ModelFiles.save(this, Map.of(), file);
    }

    /**
     * The architecture.
     *
     * @return the model
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
    public Knowledge knowledge() {
        return Knowledge.GRADIENTS;
    }

    @Override
    public Device device() {
        return device;
    }

    /**
     * Its weights on the device, for those who train it.
     *
     * @return owned by this classifier
     */
    public Weights weights() {
        return weights;
    }

    /**
     * All parameters and statistics, in the order of {@link Model#tensors()}, then of {@link Model#statistics()}.
     *
     * @return a copy
     */
    public float[] parameters() {
        requireOpen();
        return weights.values().floats((int) model.valueCount());
    }

    /**
     * Replaces all parameters and statistics.
     *
     * @param parameters in the order of {@link #parameters()}
     */
    public void setParameters(float[] parameters) {
        requireOpen();
        weights.values().write(parameters);
        weights.refresh();
    }

    /**
     * Binds the model to a batch size, for attacks and training.
     *
     * @param batch the largest batch
     * @return the bound model, to be closed by the caller before this classifier
     */
    @Override
    public BoundModel bind(int batch) {
        requireOpen();
        return new BoundModel(model, plan, weights, device, batch);
    }

    @Override
    public float[] logits(float[] x) {
        return logits(new Inputs(x, null));
    }

    /**
     * Logits of values in a buffer; off-heap values (a direct buffer in native order, or one over a memory segment) are
     * read where they lie.
     *
     * @param x N x d values, from position to limit
     * @return N x classes
     */
    public float[] logits(FloatBuffer x) {
        return logits(Inputs.of(x));
    }

    private float[] logits(Inputs x) {
        int classes = model.classes();
        float[] out = new float[count(x) * classes];
        eachChunk(
                x,
                (workspace, input, from, n) ->
                        workspace.bound.forward(n, input).read(out, from * classes, n * classes));
        return out;
    }

    /**
     * The predicted classes; ties go to the lowest.
     *
     * @param x N x d values
     * @return N classes
     */
    public int[] predict(float[] x) {
        return predict(new Inputs(x, null));
    }

    /**
     * The predicted classes of values in a buffer; off-heap values are read where they lie.
     *
     * @param x N x d values, from position to limit
     * @return N classes
     */
    public int[] predict(FloatBuffer x) {
        return predict(Inputs.of(x));
    }

    private int[] predict(Inputs x) {
        int[] out = new int[count(x)];
        eachChunk(x, (workspace, input, from, n) -> {
            Buffer logits = workspace.bound.forward(n, input);
            device.operations().argMax(n, model.classes(), logits, workspace.labels);
            workspace.labels.read(out, from, n);
        });
        return out;
    }

    /**
     * Loss and its gradient with respect to the inputs.
     *
     * @param loss a value for each example
     * @param gradient N x d: of each example's loss with respect to its input
     */
    @SuppressWarnings("ArrayRecordComponent") // a pair of results, never compared
    public record LossGradient(float[] loss, float[] gradient) {}

    /**
     * Losses and their gradients with respect to the inputs.
     *
     * @param x N x d values
     * @param labels N classes
     * @param loss which loss
     * @return N losses and N x d derivatives
     */
    public LossGradient lossGradient(float[] x, int[] labels, Loss loss) {
        return lossGradient(new Inputs(x, null), labels, loss);
    }

    /**
     * Losses and their gradients with respect to values in a buffer; off-heap values are read where they lie.
     *
     * @param x N x d values, from position to limit
     * @param labels N classes
     * @param loss which loss
     * @return N losses and N x d derivatives
     */
    public LossGradient lossGradient(FloatBuffer x, int[] labels, Loss loss) {
        return lossGradient(Inputs.of(x), labels, loss);
    }

    private LossGradient lossGradient(Inputs x, int[] labels, Loss loss) {
        int d = model.input().size();
        requireLabels(labels, count(x), model.classes());
        float[] losses = new float[labels.length];
        float[] gradient = new float[labels.length * d];
        eachChunk(x, (workspace, input, from, n) -> {
            workspace.labels.write(labels, from, n);
            workspace.bound.forward(n, input);
            workspace.bound.lossGradient(n, loss, workspace.labels, 1f, false, workspace.losses);
            workspace.bound.inputGradient(n, workspace.gradient);
            workspace.losses.read(losses, from, n);
            workspace.gradient.read(gradient, from * d, n * d);
        });
        return new LossGradient(losses, gradient);
    }

    /**
     * Refuses labels that do not fit.
     *
     * @param labels classes
     * @param count how many there should be
     * @param classes each must lie in [0, classes)
     */
    public static void requireLabels(int[] labels, int count, int classes) {
        if (labels.length != count) {
            throw new IllegalArgumentException(labels.length + " labels were given for " + count + " examples");
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException(
                        "label " + labels[i] + " of example " + i + " is outside 0.." + (classes - 1));
            }
        }
    }

    private int count(Inputs x) {
        int d = model.input().size();
        if (x.length() % d != 0) {
            throw new IllegalArgumentException(
                    x.length() + " values are no whole number of inputs of " + d + " values");
        }
        return x.length() / d;
    }

    private void eachChunk(Inputs x, ChunkTask task) {
        requireOpen();
        int d = model.input().size();
        int count = count(x);
        Workspace found = idle.pollFirst();
        Workspace workspace = found != null ? found : new Workspace();
        try (BufferArena wrapping = device.arena()) {
            Buffer wrapped = x.direct == null ? null : wrapping.wrap(x.direct);
            for (int from = 0; from < count; from += CHUNK) {
                int n = Math.min(CHUNK, count - from);
                Buffer input;
                if (wrapped != null) {
                    input = wrapped.slice((long) from * d, (long) n * d);
                } else {
                    workspace.x.write(x.array, from * d, n * d);
                    input = workspace.x;
                }
                task.run(workspace, input, from, n);
            }
        } finally {
            idle.addFirst(workspace);
        }
    }

    @Override
    public String toString() {
        return "the model " + model;
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("this classifier is closed");
        }
    }

    /**
     * Frees the weights. Closing twice has no effect.
     *
     * @throws IllegalStateException while models are bound to it, or other threads are using it
     */
    @Override
    public void close() {
        if (closed.get()) {
            return;
        }
        for (Workspace workspace = idle.pollFirst(); workspace != null; workspace = idle.pollFirst()) {
            workspace.close();
        }
        weights.close();
        closed.set(true);
    }

    @FunctionalInterface
    private interface ChunkTask {
        void run(Workspace workspace, Buffer input, int from, int n);
    }

    /** Values of inputs: an array, or a direct buffer. */
    private static final class Inputs {
        private final float[] array;
        private final @Nullable FloatBuffer direct;

        Inputs(float[] array, @Nullable FloatBuffer direct) {
            this.array = array;
            this.direct = direct;
        }

        static Inputs of(FloatBuffer values) {
            if (values.isDirect() && values.order() == ByteOrder.nativeOrder()) {
                return new Inputs(new float[0], values);
            }
            float[] copy = new float[values.remaining()];
            values.duplicate().get(copy);
            return new Inputs(copy, null);
        }

        int length() {
            return direct == null ? array.length : direct.remaining();
        }
    }

    /** What one thread needs for one chunk. */
    private final class Workspace implements AutoCloseable {
        private final BufferArena arena = device.arena();
        private final BoundModel bound;
        private final Buffer x;
        private final Buffer gradient;
        private final Buffer labels;
        private final Buffer losses;

        Workspace() {
            try {
                this.x = arena.floats((long) CHUNK * model.input().size());
                this.gradient = arena.floats((long) CHUNK * model.input().size());
                this.labels = arena.ints(CHUNK);
                this.losses = arena.floats(CHUNK);
                this.bound = bind(CHUNK); // last: it holds the weights until it is closed
            } catch (RuntimeException e) {
                arena.close();
                throw e;
            }
        }

        @Override
        public void close() {
            bound.close();
            arena.close();
        }
    }
}
