package org.saddlepoint.device.cuda;

import static org.saddlepoint.device.ElementType.INT32;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.AscentOperations;
import org.saddlepoint.device.BoundaryOperations;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Cursor;
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
import org.saddlepoint.device.Readback;
import org.saddlepoint.device.Replay;
import org.saddlepoint.device.RowFeed;
import org.saddlepoint.device.RowSource;
import org.saddlepoint.device.SearchOperations;
import org.saddlepoint.device.SequenceOperations;
import org.saddlepoint.threat.Norm;

/**
 * The operation set as launches: each method enters the device and hands over to the operation's launcher, which checks
 * types and lengths. Labels and indices are not looked at, as they lie on the device: those outside their range are an
 * error that the kernel makes.
 */
final class CudaOperations implements Operations {
    private static final System.Logger LOG = System.getLogger(CudaOperations.class.getName());

    private final CudaDriver driver;
    private final CudaTransfers transfers;
    private final Launchers launchers;
    private final @Nullable CublasProducts cublas;
    private final Precision precision;
    private final Map<Precision, CudaOperations> views;
    private final NormalizationOperations normalizations;
    private final SearchOperations searches;
    private final ProbeOperations probes;
    private final DivergenceOperations divergences;
    private final SequenceOperations sequences;
    private final BoundaryOperations boundaries;
    private final LossOperations losses;
    private final AscentOperations ascents;
    private final MomentumOperations momenta;
    private final CudaImageOperations images;

    /**
     * The operation set in float32.
     *
     * @param cublas multiplies float32 operands; null: our kernels do
     * @param cudnn convolves float32 operands; null: our kernels do
     */
    CudaOperations(
            CudaDriver driver,
            CudaTransfers transfers,
            Launchers launchers,
            @Nullable CublasProducts cublas,
            @Nullable CudnnConvolutions cudnn) {
        this(driver, transfers, launchers, cublas, cudnn, Precision.FLOAT32, new EnumMap<>(Precision.class));
        for (Precision other : Precision.values()) {
            views.put(
                    other,
                    other == precision
                            ? this
                            : new CudaOperations(driver, transfers, launchers, null, null, other, views));
        }
    }

    private CudaOperations(
            CudaDriver driver,
            CudaTransfers transfers,
            Launchers launchers,
            @Nullable CublasProducts cublas,
            @Nullable CudnnConvolutions cudnn,
            Precision precision,
            Map<Precision, CudaOperations> views) {
        this.driver = driver;
        this.transfers = transfers;
        this.launchers = launchers;
        this.cublas = cublas;
        this.precision = precision;
        this.views = views;
        this.normalizations = new CudaNormalizationOperations(driver, launchers);
        this.searches = new CudaSearchOperations(driver, launchers);
        this.probes = new CudaProbeOperations(driver, launchers);
        this.divergences = new CudaDivergenceOperations(driver, launchers);
        this.sequences = new CudaSequenceOperations(driver, launchers);
        this.boundaries = new CudaBoundaryOperations(driver, launchers);
        this.losses = new CudaLossOperations(driver, launchers);
        this.ascents = new CudaAscentOperations(driver, launchers);
        this.momenta = new CudaMomentumOperations(driver, launchers);
        this.images = new CudaImageOperations(driver, launchers, cudnn, precision);
    }

    @Override
    public Operations at(Precision wanted) {
        return Objects.requireNonNull(views.get(wanted));
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
    public ImageOperations images() {
        return images;
    }

    // ---- trainings ----

    @Override
    public Cursor cursor(BufferArena arena, int batches) {
        return new CudaCursor(arena, batches);
    }

    @Override
    public Replay replay() {
        return new StepGraph(driver, transfers);
    }

    @Override
    public Readback readback(Buffer source) {
        return new CudaReadback(driver, transfers, Checked.buffer(source, source.type(), 0, "source"));
    }

    @Override
    public RowFeed feed(BufferArena arena, RowSource source, int batch) {
        long free = driver.call(driver::freeMemory);
        if (source.size() <= free / 4 * 3) {
            return Operations.super.feed(arena, source, batch);
        }
        LOG.log(
                System.Logger.Level.INFO,
                "the data set stays on the host: its {0} bytes are more than three quarters of the {1} bytes of device"
                        + " memory that are free",
                source.size(),
                free);
        return new StreamedRows(driver, transfers, this, (CudaArena) arena, source, batch);
    }

    @Override
    public void nextBatch(int n, Buffer order, Cursor cursor, Buffer indices) {
        if (!(cursor instanceof CudaCursor own)) {
            Operations.super.nextBatch(n, order, cursor, indices);
            return;
        }
        driver.run(() -> launchers.cursor.next(n, order, own, indices));
    }

    @Override
    public void endBatch(
            int n, Buffer losses, Buffer predictions, Cursor cursor, Buffer epochLosses, Buffer epochPredictions) {
        if (!(cursor instanceof CudaCursor own)) {
            Operations.super.endBatch(n, losses, predictions, cursor, epochLosses, epochPredictions);
            return;
        }
        driver.run(() -> {
            launchers.cursor.end(n, losses, predictions, own, epochLosses, epochPredictions);
            own.moved(n);
            Recording recording = driver.recording();
            if (recording != null) {
                recording.advances(own, n, Math.min(epochLosses.length(), epochPredictions.length()));
            }
        });
    }

    // ---- dense layers ----

    @Override
    public long preparedLength(int in, int out) {
        return 0;
    }

    @Override
    public void prepareDense(int in, int out, Buffer weights, Buffer prepared) {
        Checked.floats(weights, (long) in * out, "weights");
    }

    @Override
    public long preparedHalvesLength(int in, int out) {
        return DensePrepareBf16.length(in, out);
    }

    @Override
    public void prepareDenseHalves(int in, int out, Buffer weights, Buffer forward, Buffer backward) {
        driver.run(() -> launchers.densePrepareBf16.run(in, out, weights, forward, backward));
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
        driver.run(() -> {
            if (cublas != null) {
                cublas.forward(n, in, out, x, weights, bias, activation, y);
            } else {
                launchers.denseForward.run(precision, n, in, out, x, weights, bias, activation, y);
            }
        });
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
        driver.run(() -> {
            if (cublas != null) {
                cublas.inputGradient(n, in, out, dy, weights, activation, before, dx);
            } else {
                launchers.denseInputGradient.run(precision, n, in, out, dy, weights, activation, before, dx);
            }
        });
    }

    @Override
    public void denseWeightGradient(int n, int in, int out, Buffer x, Buffer dy, Buffer dWeights, Buffer dBias) {
        driver.run(() -> {
            if (cublas != null) {
                cublas.weightGradient(n, in, out, x, dy, dWeights, dBias);
            } else {
                launchers.denseWeightGradient.run(precision, n, in, out, x, dy, dWeights, dBias);
            }
        });
    }

    @Override
    public void denseLinfStep(int out, Buffer dy, Buffer weights, Loop loop, int d) {
        driver.run(() -> {
            if (cublas != null) {
                cublas.linfStep(out, dy, weights, loop, d);
            } else {
                launchers.denseLinfStep.run(precision, out, dy, weights, loop, d);
            }
        });
    }

    // ---- elements and losses ----

    @Override
    public void activate(long length, Buffer x, Activation activation, Buffer y) {
        driver.run(() -> launchers.activationForward.run(length, x, activation, y));
    }

    @Override
    public void activationGradient(long length, Buffer y, Buffer dy, Activation activation, Buffer dx) {
        driver.run(() -> launchers.activationGradient.run(length, y, dy, activation, dx));
    }

    @Override
    public void add(long length, Buffer a, Buffer b, Activation activation, Buffer y) {
        driver.run(() -> launchers.add.run(length, a, b, activation, y));
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
        driver.run(() ->
                launchers.copyColumns.run(rows, columns, source, sourceWidth, sourceAt, target, targetWidth, targetAt));
    }

    @Override
    public void scaleShift(int n, int channels, int size, Buffer x, Buffer scale, @Nullable Buffer shift, Buffer y) {
        driver.run(() -> launchers.scaleShift.run(n, channels, size, x, scale, shift, y));
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
        driver.run(() -> {
            CudaBuffer z = Checked.floats(logits, (long) n * c, "logits");
            CudaBuffer y = Checked.ints(labels, n, "labels");
            CudaBuffer value = Checked.floatsOrNull(loss, n, "loss");
            CudaBuffer dz = Checked.floatsOrNull(gradient, (long) n * c, "gradient");
            if (n > 0) {
                switch (kind) {
                    case CROSS_ENTROPY -> launchers.softmaxCrossEntropy.run(n, c, z, y, factor, rescaled, value, dz);
                    case MEAN_SQUARED_ERROR -> launchers.meanSquaredError.run(n, c, z, y, factor, value, dz);
                    case MARGIN -> launchers.margin.run(n, c, z, y, factor, value, dz);
                }
            }
        });
    }

    @Override
    public void argMax(int n, int c, Buffer logits, Buffer out) {
        driver.run(() -> launchers.argMax.run(n, c, logits, out));
    }

    // ---- attacks ----

    @Override
    public void step(Loop loop, int d, Buffer gradient) {
        driver.run(() -> step(loop.rule().norm(), StepArguments.step(loop, d, gradient)));
    }

    @Override
    public void project(Norm norm, float epsilon, int n, int d, Buffer origin, Buffer x) {
        driver.run(() -> step(norm, StepArguments.projection(epsilon, n, d, origin, x)));
    }

    private void step(Norm norm, StepArguments step) {
        if (step.n() == 0) {
            return;
        }
        switch (norm) {
            case LINF -> launchers.linfStep.run(step);
            case L2 -> launchers.l2Step.run(step);
            case L1 -> launchers.l1Step.run(step);
        }
    }

    @Override
    public void randomStart(Loop loop, int d) {
        driver.run(() -> launchers.randomStart.run(loop, d));
    }

    @Override
    public void randomWords(int n, int d, Buffer indices, RandomStream random, int restart, Buffer words) {
        driver.run(() -> launchers.randomWords.run(n, d, indices, random, restart, words));
    }

    @Override
    public void keepIterate(Loop loop, int d, int c, Buffer logits, Buffer loss, int step) {
        driver.run(() -> launchers.keepIterate.run(loop, d, c, logits, loss, step));
    }

    @Override
    public boolean iterateDenseStack(DenseStack stack, LossKind loss, Loop loop) {
        if (cublas != null && loop.rule().precision() == Precision.FLOAT32) {
            return false; // its products are wanted, not ours
        }
        return driver.call(() -> launchers.fusedAttack.run(stack, loss, loop));
    }

    // ---- optimizers ----

    @Override
    public void optimize(long length, Buffer gradient, Cursor cursor, List<Buffer> state, Buffer parameters) {
        CudaCursor own = cursor instanceof CudaCursor mirrored ? mirrored : null;
        long step = cursor.step();
        driver.run(() -> {
            switch (cursor.settings()) {
                case SgdSettings sgd ->
                    launchers.sgd.run(
                            length, gradient, sgd, step, own, state.isEmpty() ? null : state.getFirst(), parameters);
                case AdamSettings adam ->
                    launchers.adam.run(length, gradient, adam, step, own, state.get(0), state.get(1), parameters);
            }
        });
    }

    @Override
    public void sgd(
            long length,
            Buffer gradient,
            SgdSettings settings,
            long step,
            @Nullable Buffer velocity,
            Buffer parameters) {
        driver.run(() -> launchers.sgd.run(length, gradient, settings, step, null, velocity, parameters));
    }

    @Override
    public void adam(
            long length, Buffer gradient, AdamSettings settings, long step, Buffer m, Buffer v, Buffer parameters) {
        driver.run(() -> launchers.adam.run(length, gradient, settings, step, null, m, v, parameters));
    }

    // ---- data ----

    @Override
    public void gather(int n, int d, Buffer source, Buffer indices, Buffer out) {
        driver.run(() -> launchers.gather.rows(n, d, source, indices, out));
    }

    @Override
    public void gatherLabels(int n, Buffer source, Buffer indices, Buffer out) {
        driver.run(() -> launchers.gather.labels(n, source, indices, out));
    }

    @Override
    public void copy(long length, Buffer source, Buffer target) {
        driver.run(() -> {
            ElementType type = target.type();
            CudaBuffer from = Checked.buffer(source, type, length, "source");
            CudaBuffer to = Checked.buffer(target, type, length, "target");
            driver.copyWithin(to, from, length * type.bytes());
        });
    }

    @Override
    public void fill(long length, float value, Buffer target) {
        driver.run(() -> {
            boolean integers = target.type() == INT32;
            CudaBuffer to = Checked.buffer(target, integers ? INT32 : ElementType.FLOAT32, length, "target");
            driver.fill(to, integers ? (int) value : Float.floatToRawIntBits(value), length);
        });
    }

    @Override
    public void sum(long length, Buffer values, Buffer out) {
        driver.run(() -> launchers.sum.run(length, values, out));
    }
}
