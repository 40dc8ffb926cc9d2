package org.saddlepoint.device.cpu;

import static org.saddlepoint.device.ElementType.FLOAT32;
import static org.saddlepoint.device.ElementType.INT32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.AscentOperations;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.BoundaryOperations;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;
import org.saddlepoint.device.DenseStack;
import org.saddlepoint.device.DivergenceOperations;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.ImageOperations;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.LossOperations;
import org.saddlepoint.device.MomentumOperations;
import org.saddlepoint.device.NormalizationOperations;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.ProbeOperations;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.SearchOperations;
import org.saddlepoint.device.SequenceOperations;
import org.saddlepoint.device.Update;
import org.saddlepoint.threat.Norm;

/** The typed layer over {@link CpuLibrary}: checks types and lengths, then makes one downcall an operation. */
class CpuOperations implements Operations {
    private static final String[] STATUS = {"ok", "invalid argument", "out of memory or threads", "unsupported level"};
    private static final long PANEL = 32;

    private final MemorySegment device;
    private final @Nullable CpuRecorders recorders;
    private final NormalizationOperations normalizations;
    private final SearchOperations searches;
    private final ProbeOperations probes;
    private final DivergenceOperations divergences;
    private final SequenceOperations sequences;
    private final BoundaryOperations boundaries;
    private final LossOperations losses;
    private final AscentOperations ascents;
    private final MomentumOperations momenta;
    private final ImageOperations images;
    private final CpuOperations rounding;

    /** Operations in float32. Recorders: null where the device is one itself. */
    CpuOperations(MemorySegment device, @Nullable CpuRecorders recorders) {
        this.device = device;
        this.recorders = recorders;
        this.normalizations = new CpuNormalizationOperations(device);
        this.searches = new CpuSearchOperations(device);
        this.probes = new CpuProbeOperations(device);
        this.divergences = new CpuDivergenceOperations(device);
        this.images = new CpuImageOperations(device, Precision.FLOAT32);
        this.sequences = new CpuSequenceOperations(device);
        this.boundaries = new CpuBoundaryOperations(device);
        this.losses = new CpuLossOperations(device);
        this.ascents = new CpuAscentOperations(device);
        this.momenta = new CpuMomentumOperations(device);
        this.rounding = new CpuRoundingOperations(device, this);
    }

    /** What rounds, and all else as it is. */
    CpuOperations(MemorySegment device, CpuOperations exact, Precision precision) {
        this.device = device;
        this.recorders = null;
        this.normalizations = exact.normalizations;
        this.searches = exact.searches;
        this.probes = exact.probes;
        this.divergences = exact.divergences;
        this.images = new CpuImageOperations(device, precision);
        this.sequences = exact.sequences;
        this.boundaries = exact.boundaries;
        this.losses = exact.losses;
        this.ascents = exact.ascents;
        this.momenta = exact.momenta;
        this.rounding = this;
    }

    @Override
    public void together(int n, @Nullable Buffer done, Consumer<Operations> work) {
        if (recorders == null || n < 1) {
            work.accept(this);
        } else {
            recorders.run(n, optional(done, INT32, n, "done"), work);
        }
    }

    @Override
    public NormalizationOperations normalizations() {
        return normalizations;
    }

    @Override
    public LossOperations losses() {
        return losses;
    }

    @Override
    public AscentOperations ascents() {
        return ascents;
    }

    @Override
    public MomentumOperations momenta() {
        return momenta;
    }

    @Override
    public SearchOperations searches() {
        return searches;
    }

    @Override
    public ProbeOperations probes() {
        return probes;
    }

    @Override
    public DivergenceOperations divergences() {
        return divergences;
    }

    @Override
    public SequenceOperations sequences() {
        return sequences;
    }

    @Override
    public BoundaryOperations boundaries() {
        return boundaries;
    }

    @Override
    public Operations at(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> this;
            case BF16 -> rounding;
            case TF32 -> throw new IllegalArgumentException("tf32 operands are there on CUDA devices alone: use bf16");
        };
    }

    @Override
    public ImageOperations images() {
        return images;
    }

    @Override
    public long preparedLength(int in, int out) {
        return packedLength(in, out);
    }

    static long packedLength(int in, int out) {
        return in * panels(out) * PANEL;
    }

    @Override
    public void prepareDense(int in, int out, Buffer weights, Buffer prepared) {
        MemorySegment w = floats(weights, (long) in * out, "weights");
        MemorySegment p = floats(prepared, preparedLength(in, out), "prepared weights");
        try {
            check("dense_prepare", (int) CpuLibrary.DENSE_PREPARE.invokeExact(device, (long) in, (long) out, w, p));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public long preparedHalvesLength(int in, int out) {
        return Math.max(panels(out) * PANEL * even(in), panels(in) * PANEL * even(out));
    }

    @Override
    public void prepareDenseHalves(int in, int out, Buffer weights, Buffer forward, Buffer backward) {
        long length = preparedHalvesLength(in, out);
        MemorySegment w = floats(weights, (long) in * out, "weights");
        MemorySegment ahead = segment(forward, ElementType.BFLOAT16, length, "forward");
        MemorySegment back = segment(backward, ElementType.BFLOAT16, length, "backward");
        try {
            check("dense_prepare_bf16", (int)
                    CpuLibrary.DENSE_PREPARE_BF16.invokeExact(device, (long) in, (long) out, w, ahead, back));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    private static long panels(int columns) {
        return (columns + PANEL - 1) / PANEL;
    }

    static long even(int width) {
        return (width + 1L) / 2 * 2;
    }

    @Override
    public void denseForward(
            int n,
            int in,
            int out,
            Buffer x,
            Buffer weights,
            Buffer prepared,
            Buffer bias,
            Activation activation,
            Buffer y) {
        MemorySegment input = floats(x, (long) n * in, "x");
        MemorySegment w = floats(prepared, preparedLength(in, out), "prepared weights");
        MemorySegment b = floats(bias, out, "bias");
        MemorySegment output = floats(y, (long) n * out, "y");
        int kind = activation.kind().ordinal();
        try {
            check("dense_forward", (int) CpuLibrary.DENSE_FORWARD.invokeExact(
                    device, (long) n, (long) in, (long) out, input, w, b, kind, activation.slope(), output));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void denseInputGradient(
            int n,
            int in,
            int out,
            Buffer dy,
            Buffer weights,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx) {
        Checks.derivative(activation, before);
        MemorySegment gradient = floats(dy, (long) n * out, "dy");
        MemorySegment w = floats(weights, (long) in * out, "weights");
        MemorySegment y = optional(before, FLOAT32, (long) n * in, "before");
        MemorySegment result = floats(dx, (long) n * in, "dx");
        int kind = activation.kind().ordinal();
        try {
            check("dense_input_gradient", (int) CpuLibrary.DENSE_INPUT_GRADIENT.invokeExact(
                    device, (long) n, (long) in, (long) out, gradient, w, y, kind, activation.slope(), result));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void denseWeightGradient(int n, int in, int out, Buffer x, Buffer dy, Buffer dWeights, Buffer dBias) {
        MemorySegment input = floats(x, (long) n * in, "x");
        MemorySegment gradient = floats(dy, (long) n * out, "dy");
        MemorySegment dw = floats(dWeights, (long) in * out, "weight gradient");
        MemorySegment db = floats(dBias, out, "bias gradient");
        try {
            check("dense_weight_gradient", (int) CpuLibrary.DENSE_WEIGHT_GRADIENT.invokeExact(
                    device, (long) n, (long) in, (long) out, input, gradient, dw, db));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void denseLinfStep(int out, Buffer dy, Buffer weights, Loop loop, int d) {
        MemorySegment gradient = floats(dy, (long) loop.n() * out, "dy");
        MemorySegment w = floats(weights, (long) d * out, "weights");
        MemorySegment origin = floats(loop.origin(), (long) loop.n() * d, "origin");
        MemorySegment x = floats(loop.x(), (long) loop.n() * d, "x");
        MemorySegment beaten = beaten(loop);
        MemorySegment zeros = zeroGradients(loop);
        float stepSize = loop.rule().stepSize();
        float epsilon = loop.rule().threat().epsilon();
        try {
            check("dense_linf_step", (int) CpuLibrary.DENSE_LINF_STEP.invokeExact(
                    device,
                    (long) loop.n(),
                    (long) d,
                    (long) out,
                    gradient,
                    w,
                    origin,
                    stepSize,
                    epsilon,
                    beaten,
                    zeros,
                    x));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void activate(long length, Buffer x, Activation activation, Buffer y) {
        MemorySegment input = floats(x, length, "x");
        MemorySegment output = floats(y, length, "y");
        int kind = activation.kind().ordinal();
        try {
            check("activation_forward", (int)
                    CpuLibrary.ACTIVATION_FORWARD.invokeExact(device, length, input, kind, activation.slope(), output));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void activationGradient(long length, Buffer y, Buffer dy, Activation activation, Buffer dx) {
        MemorySegment output = floats(y, length, "y");
        MemorySegment gradient = floats(dy, length, "dy");
        MemorySegment result = floats(dx, length, "dx");
        int kind = activation.kind().ordinal();
        try {
            check("activation_gradient", (int) CpuLibrary.ACTIVATION_GRADIENT.invokeExact(
                    device, length, output, gradient, kind, activation.slope(), result));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void add(long length, Buffer a, Buffer b, Activation activation, Buffer y) {
        MemorySegment left = floats(a, length, "a");
        MemorySegment right = floats(b, length, "b");
        MemorySegment output = floats(y, length, "y");
        int kind = activation.kind().ordinal();
        try {
            check("add", (int)
                    CpuLibrary.ADD.invokeExact(device, length, left, right, kind, activation.slope(), output));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void copyColumns(
            long rows,
            int columns,
            Buffer source,
            int sourceWidth,
            int sourceAt,
            Buffer target,
            int targetWidth,
            int targetAt) {
        Checks.columns(columns, sourceWidth, sourceAt, "source");
        Checks.columns(columns, targetWidth, targetAt, "target");
        MemorySegment from = floats(source, rows * sourceWidth, "source");
        MemorySegment to = floats(target, rows * targetWidth, "target");
        try {
            check("copy_columns", (int) CpuLibrary.COPY_COLUMNS.invokeExact(
                    device,
                    rows,
                    (long) columns,
                    from,
                    (long) sourceWidth,
                    (long) sourceAt,
                    to,
                    (long) targetWidth,
                    (long) targetAt));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void scaleShift(int n, int channels, int size, Buffer x, Buffer scale, @Nullable Buffer shift, Buffer y) {
        long length = (long) n * channels * size;
        MemorySegment input = floats(x, length, "x");
        MemorySegment factor = floats(scale, channels, "scale");
        MemorySegment summand = optional(shift, FLOAT32, channels, "shift");
        MemorySegment output = floats(y, length, "y");
        try {
            check("scale_shift", (int) CpuLibrary.SCALE_SHIFT.invokeExact(
                    device, (long) n, (long) channels, (long) size, input, factor, summand, output));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void loss(
            LossKind kind,
            int n,
            int c,
            Buffer logits,
            Buffer labels,
            float factor,
            boolean rescaled,
            @Nullable Buffer loss,
            @Nullable Buffer gradient) {
        MemorySegment z = floats(logits, (long) n * c, "logits");
        MemorySegment y = labels(labels, n, c);
        MemorySegment value = optional(loss, FLOAT32, n, "loss");
        MemorySegment dz = optional(gradient, FLOAT32, (long) n * c, "gradient");
        try {
            int status = switch (kind) {
                case CROSS_ENTROPY ->
                    (int) CpuLibrary.SOFTMAX_CROSS_ENTROPY.invokeExact(
                            device, (long) n, (long) c, z, y, factor, rescaled ? 1 : 0, value, dz);
                case MEAN_SQUARED_ERROR ->
                    (int) CpuLibrary.MEAN_SQUARED_ERROR.invokeExact(
                            device, (long) n, (long) c, z, y, factor, value, dz);
                case MARGIN -> (int) CpuLibrary.MARGIN.invokeExact(device, (long) n, (long) c, z, y, factor, value, dz);
            };
            check(kind.name(), status);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void argMax(int n, int c, Buffer logits, Buffer out) {
        MemorySegment z = floats(logits, (long) n * c, "logits");
        MemorySegment classes = segment(out, INT32, n, "out");
        try {
            check("arg_max", (int) CpuLibrary.ARG_MAX.invokeExact(device, (long) n, (long) c, z, classes));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void step(Loop loop, int d, Buffer gradient) {
        step(
                loop.rule().norm(),
                loop.n(),
                d,
                floats(gradient, (long) loop.n() * d, "gradient"),
                loop.origin(),
                loop.rule().stepSize(),
                loop.rule().threat().epsilon(),
                loop.rule().top(),
                beaten(loop),
                zeroGradients(loop),
                loop.x());
    }

    @Override
    public void project(Norm norm, float epsilon, int n, int d, Buffer origin, Buffer x) {
        MemorySegment none = MemorySegment.NULL;
        step(norm, n, d, none, origin, 0f, epsilon, 1, none, none, x);
    }

    private void step(
            Norm norm,
            int n,
            int d,
            MemorySegment gradient,
            Buffer origin,
            float stepSize,
            float epsilon,
            int top,
            MemorySegment beaten,
            MemorySegment zeros,
            Buffer x) {
        MemorySegment from = floats(origin, (long) n * d, "origin");
        MemorySegment at = floats(x, (long) n * d, "x");
        try {
            int status = switch (norm) {
                case LINF ->
                    (int) CpuLibrary.LINF_STEP.invokeExact(
                            device, (long) n, (long) d, gradient, from, stepSize, epsilon, beaten, zeros, at);
                case L2 ->
                    (int) CpuLibrary.L2_STEP.invokeExact(
                            device, (long) n, (long) d, gradient, from, stepSize, epsilon, beaten, zeros, at);
                case L1 ->
                    (int) CpuLibrary.L1_STEP.invokeExact(
                            device,
                            (long) n,
                            (long) d,
                            gradient,
                            from,
                            stepSize,
                            epsilon,
                            (long) top,
                            beaten,
                            zeros,
                            at);
            };
            check(norm.label() + "_step", status);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void randomStart(Loop loop, int d) {
        MemorySegment origin = floats(loop.origin(), (long) loop.n() * d, "origin");
        MemorySegment indices = segment(loop.indices(), INT32, loop.n(), "indices");
        MemorySegment x = floats(loop.x(), (long) loop.n() * d, "x");
        int norm = loop.rule().norm().ordinal();
        float epsilon = loop.rule().threat().epsilon();
        try {
            check("random_start", (int) CpuLibrary.RANDOM_START.invokeExact(
                    device,
                    norm,
                    loop.rule().start().ordinal(),
                    (long) loop.n(),
                    (long) d,
                    origin,
                    indices,
                    epsilon,
                    loop.random().seed(),
                    loop.random().word(),
                    loop.restart(),
                    x));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void randomWords(int n, int d, Buffer indices, RandomStream random, int restart, Buffer words) {
        MemorySegment index = segment(indices, INT32, n, "indices");
        MemorySegment out = segment(words, INT32, (long) n * d, "words");
        try {
            check("random_words", (int) CpuLibrary.RANDOM_WORDS.invokeExact(
                    device, (long) n, (long) d, index, random.seed(), random.word(), restart, out));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void keepIterate(Loop loop, int d, int c, Buffer logits, Buffer loss, int step) {
        BestIterate best = loop.best();
        if (best == null) {
            throw new IllegalArgumentException("a loop without a best iterate keeps none");
        }
        int n = loop.n();
        MemorySegment x = floats(loop.x(), (long) n * d, "x");
        MemorySegment z = floats(logits, (long) n * c, "logits");
        MemorySegment labels = segment(loop.labels(), INT32, n, "labels");
        MemorySegment value = floats(loss, n, "loss");
        MemorySegment bestX = floats(best.x(), (long) n * d, "best x");
        MemorySegment objective = floats(best.objective(), n, "best objective");
        MemorySegment beaten = beaten(loop);
        int targeted = loop.rule().targeted() ? 1 : 0;
        try {
            check("keep_iterate", (int) CpuLibrary.KEEP_ITERATE.invokeExact(
                    device, (long) n, (long) d, (long) c, x, z, labels, value, targeted, step, bestX, objective,
                    beaten));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public boolean iterateDenseStack(DenseStack stack, LossKind loss, Loop loop) {
        if (loop.rule().precision() == Precision.TF32) {
            return false;
        }
        try {
            check("iterate_dense_stack", DenseStackCalls.iterate(device, stack, loss, loop));
            return true;
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public boolean updateDenseStack(DenseStack stack, Buffer parameters, LossKind loss, Update update) {
        try {
            check("update_dense_stack", DenseStackCalls.update(device, stack, parameters, loss, update));
            return true;
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void sgd(
            long length,
            Buffer gradient,
            SgdSettings settings,
            long step,
            @Nullable Buffer velocity,
            Buffer parameters) {
        if (settings.momentum() > 0 && velocity == null) {
            throw new IllegalArgumentException("momentum " + settings.momentum() + " needs a velocity");
        }
        MemorySegment g = floats(gradient, length, "gradient");
        MemorySegment v = optional(velocity, FLOAT32, length, "velocity");
        MemorySegment p = floats(parameters, length, "parameters");
        int nesterov = settings.nesterov() ? 1 : 0;
        try {
            check("sgd", (int) CpuLibrary.SGD.invokeExact(
                    device,
                    length,
                    g,
                    settings.learningRate(),
                    settings.momentum(),
                    nesterov,
                    settings.weightDecay(),
                    step,
                    v,
                    p));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void adam(
            long length, Buffer gradient, AdamSettings settings, long step, Buffer m, Buffer v, Buffer parameters) {
        MemorySegment g = floats(gradient, length, "gradient");
        MemorySegment first = floats(m, length, "m");
        MemorySegment second = floats(v, length, "v");
        MemorySegment p = floats(parameters, length, "parameters");
        int decoupled = settings.decoupled() ? 1 : 0;
        try {
            check("adam", (int) CpuLibrary.ADAM.invokeExact(
                    device,
                    length,
                    g,
                    settings.learningRate(),
                    settings.beta1(),
                    settings.beta2(),
                    settings.stabilizer(),
                    settings.weightDecay(),
                    decoupled,
                    step,
                    first,
                    second,
                    p));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void gather(int n, int d, Buffer source, Buffer indices, Buffer out) {
        boolean bytes = source.type() == ElementType.UINT8;
        MemorySegment from = segment(source, bytes ? ElementType.UINT8 : FLOAT32, 0, "source");
        MemorySegment index = segment(indices, INT32, n, "indices");
        MemorySegment to = floats(out, (long) n * d, "out");
        requireBelow(index, n, source.length() / d, "index");
        try {
            int status = bytes
                    ? (int) CpuLibrary.GATHER_BYTES.invokeExact(device, (long) n, (long) d, from, index, to)
                    : (int) CpuLibrary.GATHER_FLOATS.invokeExact(device, (long) n, (long) d, from, index, to);
            check("gather", status);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void gatherLabels(int n, Buffer source, Buffer indices, Buffer out) {
        MemorySegment from = segment(source, INT32, 0, "source");
        MemorySegment index = segment(indices, INT32, n, "indices");
        MemorySegment to = segment(out, INT32, n, "out");
        requireBelow(index, n, source.length(), "index");
        try {
            check("gather_ints", (int) CpuLibrary.GATHER_INTS.invokeExact(device, (long) n, from, index, to));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void copy(long length, Buffer source, Buffer target) {
        MemorySegment from = segment(source, target.type(), length, "source");
        MemorySegment to = segment(target, target.type(), length, "target");
        try {
            check("copy", (int)
                    CpuLibrary.COPY.invokeExact(device, length * target.type().bytes(), from, to));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void fill(long length, float value, Buffer target) {
        MemorySegment to = segment(target, target.type() == INT32 ? INT32 : FLOAT32, length, "target");
        for (long i = 0; i < length; i++) {
            if (target.type() == INT32) {
                to.setAtIndex(ValueLayout.JAVA_INT, i, (int) value);
            } else {
                to.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
            }
        }
    }

    @Override
    public void sum(long length, Buffer values, Buffer out) {
        MemorySegment from = floats(values, length, "values");
        MemorySegment to = floats(out, 1, "out");
        try {
            check("sum", (int) CpuLibrary.SUM.invokeExact(device, length, from, to));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    static MemorySegment beaten(Loop loop) {
        BestIterate best = loop.best();
        return optional(best == null ? null : best.beaten(), INT32, loop.n(), "beaten");
    }

    static MemorySegment zeroGradients(Loop loop) {
        BestIterate best = loop.best();
        return optional(best == null ? null : best.zeroGradients(), INT32, loop.n(), "zero gradients");
    }

    static MemorySegment ints(Buffer buffer, long length, String what) {
        return segment(buffer, INT32, length, what);
    }

    static MemorySegment floats(Buffer buffer, long length, String what) {
        return segment(buffer, FLOAT32, length, what);
    }

    static MemorySegment optional(@Nullable Buffer buffer, ElementType type, long length, String what) {
        return buffer == null ? MemorySegment.NULL : segment(buffer, type, length, what);
    }

    static MemorySegment segment(Buffer buffer, ElementType type, long length, String what) {
        if (!(buffer instanceof CpuBuffer cpu)) {
            throw new IllegalArgumentException(what + " is not a buffer of the CPU device");
        }
        cpu.requireOpen(type);
        if (cpu.length() < length) {
            throw new IllegalArgumentException(
                    what + " holds " + cpu.length() + " " + type + " where " + length + " are needed");
        }
        return cpu.segment();
    }

    /** Classes that exist: a kernel writes at z[label]. */
    static MemorySegment labels(Buffer buffer, int n, int classes) {
        MemorySegment labels = ints(buffer, n, "labels");
        requireBelow(labels, n, classes, "label");
        return labels;
    }

    private static void requireBelow(MemorySegment values, int n, long bound, String what) {
        for (int i = 0; i < n; i++) {
            int value = values.getAtIndex(ValueLayout.JAVA_INT, i);
            if (value < 0 || value >= bound) {
                throw new IllegalArgumentException(what + " " + value + " is outside 0.." + (bound - 1));
            }
        }
    }

    /** The one place where a native status becomes an exception. */
    static void check(String operation, int status) {
        if (status != 0) {
            throw new IllegalStateException(operation + " failed on the CPU device: "
                    + (status < STATUS.length ? STATUS[status] : "status " + status));
        }
    }

    /** What a method handle threw, without the checked part that none of ours throws. */
    static RuntimeException unchecked(Throwable thrown) {
        if (thrown instanceof ExceptionInInitializerError && thrown.getCause() instanceof RuntimeException cause) {
            return cause; // the library could not be loaded: its message says what to do
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        return thrown instanceof RuntimeException exception ? exception : new IllegalStateException(thrown);
    }
}
