package org.saddlepoint.device.cuda;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Window;

/**
 * The float32 convolutions by cuDNN 8, with our kernels after them: asked for by name, never needed. cuDNN chooses its
 * algorithm by all sizes, so results repeat at one batch size alone. Its kernels are not counted as launches.
 *
 * <p>Images and filters lie channels last; a first layer's images are transposed there and back. Each method answers false,
 * and does nothing, where cuDNN cannot have the work, which is our kernels' then: padding that differs between opposite
 * sides, arrays that do not begin at 16 bytes, no examples.
 */
final class CudnnConvolutions {
    /** The name of the provider. */
    static final String NAME = "cudnn";

    /** The release of JCudnn, older than JCuda's: no newer one is published. */
    private static final String BINDING = "11.7.0";

    private static final Pointer ONE = Pointer.to(new float[] {1f});
    private static final Pointer ZERO = Pointer.to(new float[] {0f});
    private static final int ALIGNMENT = 16;
    /** Evaluation asks at as many batch sizes as there are numbers of survivors. */
    private static final int MOST_PLANS = 256;

    private record Work(int n, Convolution shape) {}

    /** What cuDNN's results and operands are kept in between two kernels. */
    private enum Piece {
        WORKSPACE,
        IMAGES,
        GRADIENT,
        FILTERS,
        ONES
    }

    private final CudaDriver driver;
    private final CudaArena arena;
    private final Launchers launchers;
    private final cudnnHandle handle = new cudnnHandle();
    private final Map<Piece, CudaBuffer> pieces = new EnumMap<>(Piece.class);
    private final LinkedHashMap<Work, CudnnPlan> plans = new LinkedHashMap<>(16, 0.75f, true);

    CudnnConvolutions(CudaDriver driver, CudaArena arena, Launchers launchers) {
        this.driver = driver;
        this.arena = arena;
        this.launchers = launchers;
        String missing = CudaNatives.load("JCudnn", BINDING, "jcuda.jcudnn.JCudnn");
        if (missing != null) {
            throw new IllegalArgumentException("the provider " + NAME + " is not there: " + missing);
        }
        JCudnn.setExceptionsEnabled(false);
        driver.run(() -> {
            CudnnPlan.check(JCudnn.cudnnCreate(handle), "cudnnCreate");
            CudnnPlan.check(JCudnn.cudnnSetStream(handle, new cudaStream_t(driver.compute())), "cudnnSetStream");
        });
    }

    /** The version of the library, such as 8.9.7. */
    String version() {
        long version = JCudnn.cudnnGetVersion();
        return version / 1000 + "." + version / 100 % 10 + "." + version % 100;
    }

    private static boolean serves(int n, Convolution shape, CudaBuffer... buffers) {
        Window window = shape.window();
        return n > 0
                && window.top() == window.bottom()
                && window.left() == window.right()
                && Stream.of(buffers).allMatch(buffer -> buffer.address() % ALIGNMENT == 0);
    }

    boolean forward(
            int n,
            Convolution shape,
            Buffer x,
            CudaBuffer weights,
            @Nullable Buffer bias,
            Activation activation,
            Buffer y) {
        CudaBuffer input = Checked.floats(x, (long) n * shape.inputSize(), "x");
        CudaBuffer output = Checked.floats(y, (long) n * shape.outputSize(), "y");
        if (!serves(n, shape, input, weights, output)) {
            return false;
        }
        CudnnPlan plan = plan(n, shape);
        CudaBuffer workspace = workspace(plan.forward);
        CudaBuffer images = channelsLast(n, shape, input);
        use(images, weights, output);
        call(
                "cudnnConvolutionForward",
                JCudnn.cudnnConvolutionForward(
                        handle,
                        ONE,
                        plan.x,
                        pointer(images),
                        plan.filters,
                        pointer(weights),
                        plan.convolution,
                        plan.forward.algorithm(),
                        pointer(workspace),
                        plan.forward.workspace(),
                        ZERO,
                        plan.y,
                        pointer(output)));
        int filters = shape.filters();
        if (bias != null) {
            int positions = n * shape.outputHeight() * shape.outputWidth();
            launchers.scaleShift.run(positions, filters, 1, output, ones(filters), bias, output);
        }
        if (activation.kind() != Activation.Kind.IDENTITY) {
            launchers.activationForward.run((long) n * shape.outputSize(), output, activation, output);
        }
        return true;
    }

    boolean inputGradient(
            int n,
            Convolution shape,
            Buffer dy,
            CudaBuffer weights,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx) {
        long length = (long) n * shape.inputSize();
        CudaBuffer gradient = Checked.floats(dy, (long) n * shape.outputSize(), "dy");
        CudaBuffer fed = Checked.before(activation, before, length);
        CudaBuffer result = Checked.floats(dx, length, "dx");
        if (!serves(n, shape, gradient, weights, result)) {
            return false;
        }
        CudnnPlan plan = plan(n, shape);
        CudaBuffer workspace = workspace(plan.inputGradient);
        boolean first = isChannelsFirst(shape);
        CudaBuffer images = first ? piece(Piece.IMAGES, length) : result;
        use(gradient, weights, images);
        call(
                "cudnnConvolutionBackwardData",
                JCudnn.cudnnConvolutionBackwardData(
                        handle,
                        ONE,
                        plan.filters,
                        pointer(weights),
                        plan.y,
                        pointer(gradient),
                        plan.convolution,
                        plan.inputGradient.algorithm(),
                        pointer(workspace),
                        plan.inputGradient.workspace(),
                        ZERO,
                        plan.x,
                        pointer(images)));
        if (first) {
            launchers.transpose.run(n, shape.height() * shape.width(), shape.channels(), images, result);
        }
        if (fed != null && activation.kind() != Activation.Kind.IDENTITY) {
            launchers.activationGradient.run(length, fed, result, activation, result);
        }
        return true;
    }

    boolean weightGradient(int n, Convolution shape, Buffer x, Buffer dy, Buffer dWeights, @Nullable Buffer dBias) {
        CudaBuffer input = Checked.floats(x, (long) n * shape.inputSize(), "x");
        CudaBuffer gradient = Checked.floats(dy, (long) n * shape.outputSize(), "dy");
        CudaBuffer dw = Checked.floats(dWeights, shape.weightSize(), "weight gradient");
        CudaBuffer db = Checked.floatsOrNull(dBias, shape.filters(), "bias gradient");
        if (!serves(n, shape, input, gradient)) {
            return false;
        }
        CudnnPlan plan = plan(n, shape);
        CudaBuffer workspace = workspace(plan.weightGradient);
        CudaBuffer images = channelsLast(n, shape, input);
        CudaBuffer filters = piece(Piece.FILTERS, shape.weightSize());
        use(images, gradient, filters);
        call(
                "cudnnConvolutionBackwardFilter",
                JCudnn.cudnnConvolutionBackwardFilter(
                        handle,
                        ONE,
                        plan.x,
                        pointer(images),
                        plan.y,
                        pointer(gradient),
                        plan.convolution,
                        plan.weightGradient.algorithm(),
                        pointer(workspace),
                        plan.weightGradient.workspace(),
                        ZERO,
                        plan.filters,
                        pointer(filters)));
        int taps = shape.window().height() * shape.window().width();
        launchers.transpose.run(shape.filters(), taps, shape.channels() / shape.groups(), filters, dw);
        if (db != null) {
            use(db);
            call(
                    "cudnnConvolutionBackwardBias",
                    JCudnn.cudnnConvolutionBackwardBias(
                            handle, ONE, plan.y, pointer(gradient), ZERO, plan.bias, pointer(db)));
        }
        return true;
    }

    boolean linfStep(Convolution shape, Buffer dy, CudaBuffer weights, Loop loop) {
        int n = loop.n();
        CudaBuffer gradient = piece(Piece.GRADIENT, (long) n * shape.inputSize());
        if (!inputGradient(n, shape, dy, weights, Activation.IDENTITY, null, gradient)) {
            return false;
        }
        launchers.linfStep.run(StepArguments.step(loop, shape.inputSize(), gradient));
        return true;
    }

    private static boolean isChannelsFirst(Convolution shape) {
        return shape.channelsFirst() && shape.channels() > 1;
    }

    private CudaBuffer channelsLast(int n, Convolution shape, CudaBuffer images) {
        if (!isChannelsFirst(shape)) {
            return images;
        }
        CudaBuffer last = piece(Piece.IMAGES, (long) n * shape.inputSize());
        launchers.transpose.run(n, shape.channels(), shape.height() * shape.width(), images, last);
        return last;
    }

    private CudnnPlan plan(int n, Convolution shape) {
        Work work = new Work(n, shape);
        CudnnPlan known = plans.get(work);
        if (known == null) {
            if (plans.size() == MOST_PLANS) {
                plans.pollFirstEntry().getValue().release();
            }
            known = new CudnnPlan(handle, n, shape);
            plans.put(work, known);
        }
        return known;
    }

    private CudaBuffer workspace(CudnnPlan.Way way) {
        CudaBuffer workspace = piece(Piece.WORKSPACE, Kernel.ceil(way.workspace(), Float.BYTES));
        use(workspace);
        return workspace;
    }

    private CudaBuffer ones(long length) {
        CudaBuffer known = pieces.get(Piece.ONES);
        if (known == null || known.length() < length) {
            known = piece(Piece.ONES, length);
            driver.fill(known, Float.floatToRawIntBits(1f), known.length());
        }
        return known;
    }

    /** It grows, and what it grew out of stays: recorded work may hold its address. */
    private CudaBuffer piece(Piece which, long length) {
        CudaBuffer known = pieces.get(which);
        if (known == null || known.length() < length) {
            known = arena.allocate(ElementType.FLOAT32, length, null);
            pieces.put(which, known);
        }
        return known;
    }

    private void use(CudaBuffer... buffers) {
        for (CudaBuffer buffer : buffers) {
            driver.use(buffer);
        }
    }

    private static Pointer pointer(CudaBuffer buffer) {
        return new CudaPointer(buffer.address());
    }

    private void call(String operation, int status) {
        CudnnPlan.check(status, operation);
        driver.afterLaunch(operation);
    }

    /** Inside {@link CudaDriver#close(Runnable)}. */
    void release() {
        plans.values().forEach(CudnnPlan::release);
        JCudnn.cudnnDestroy(handle);
    }
}
