package org.saddlepoint.device.cpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.saddlepoint.device.ElementType.FLOAT32;
import static org.saddlepoint.device.ElementType.INT32;
import static org.saddlepoint.device.cpu.CpuOperations.check;
import static org.saddlepoint.device.cpu.CpuOperations.floats;
import static org.saddlepoint.device.cpu.CpuOperations.optional;
import static org.saddlepoint.device.cpu.CpuOperations.segment;
import static org.saddlepoint.device.cpu.CpuOperations.unchecked;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.ImageOperations;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Pooling;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.Window;

/** The typed layer over {@link CpuLibrary} of what works on images. */
final class CpuImageOperations implements ImageOperations {
    /** int64 fields of the window in both structures of saddlepoint.h. */
    private static final int WINDOW = 10;

    private final MemorySegment device;
    private final boolean bf16;

    /**
     * Operations on images.
     *
     * @param device the native handle
     * @param precision of the operands of products
     */
    CpuImageOperations(MemorySegment device, Precision precision) {
        this.device = device;
        this.bf16 = precision == Precision.BF16;
    }

    @Override
    public long preparedLength(Convolution shape) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment length = call.allocate(JAVA_LONG);
            check("convolution_prepared_length", (int)
                    CpuLibrary.CONVOLUTION_PREPARED_LENGTH.invokeExact(device, structure(shape, call), length));
            return length.get(JAVA_LONG, 0);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void prepare(Convolution shape, Buffer weights, Buffer prepared) {
        MemorySegment w = floats(weights, shape.weightSize(), "weights");
        MemorySegment p = prepared(shape, prepared);
        try (Arena call = Arena.ofConfined()) {
            check("convolution_prepare", (int)
                    CpuLibrary.CONVOLUTION_PREPARE.invokeExact(device, structure(shape, call), w, p));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void convolutionForward(
            int n,
            Convolution shape,
            Buffer x,
            Buffer weights,
            Buffer prepared,
            @Nullable Buffer bias,
            Activation activation,
            Buffer y) {
        MemorySegment input = floats(x, (long) n * shape.inputSize(), "x");
        MemorySegment p = prepared(shape, prepared);
        MemorySegment b = optional(bias, FLOAT32, shape.filters(), "bias");
        MemorySegment output = floats(y, (long) n * shape.outputSize(), "y");
        int kind = activation.kind().ordinal();
        try (Arena call = Arena.ofConfined()) {
            check("convolution_forward", (int) CpuLibrary.CONVOLUTION_FORWARD.invokeExact(
                    device, (long) n, structure(shape, call), input, p, b, kind, activation.slope(), output));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void convolutionInputGradient(
            int n,
            Convolution shape,
            Buffer dy,
            Buffer weights,
            Buffer prepared,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx) {
        Checks.derivative(activation, before);
        MemorySegment gradient = floats(dy, (long) n * shape.outputSize(), "dy");
        MemorySegment p = prepared(shape, prepared);
        MemorySegment y = optional(before, FLOAT32, (long) n * shape.inputSize(), "before");
        MemorySegment result = floats(dx, (long) n * shape.inputSize(), "dx");
        int kind = activation.kind().ordinal();
        try (Arena call = Arena.ofConfined()) {
            check("convolution_input_gradient", (int) CpuLibrary.CONVOLUTION_INPUT_GRADIENT.invokeExact(
                    device, (long) n, structure(shape, call), gradient, p, y, kind, activation.slope(), result));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void convolutionWeightGradient(
            int n, Convolution shape, Buffer x, Buffer dy, Buffer dWeights, @Nullable Buffer dBias) {
        MemorySegment input = floats(x, (long) n * shape.inputSize(), "x");
        MemorySegment gradient = floats(dy, (long) n * shape.outputSize(), "dy");
        MemorySegment dw = floats(dWeights, shape.weightSize(), "weight gradient");
        MemorySegment db = optional(dBias, FLOAT32, shape.filters(), "bias gradient");
        try (Arena call = Arena.ofConfined()) {
            check("convolution_weight_gradient", (int) CpuLibrary.CONVOLUTION_WEIGHT_GRADIENT.invokeExact(
                    device, (long) n, structure(shape, call), input, gradient, dw, db));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void convolutionLinfStep(Convolution shape, Buffer dy, Buffer weights, Buffer prepared, Loop loop) {
        int n = loop.n();
        MemorySegment gradient = floats(dy, (long) n * shape.outputSize(), "dy");
        MemorySegment p = prepared(shape, prepared);
        MemorySegment origin = floats(loop.origin(), (long) n * shape.inputSize(), "origin");
        MemorySegment x = floats(loop.x(), (long) n * shape.inputSize(), "x");
        MemorySegment beaten = CpuOperations.beaten(loop);
        MemorySegment zeros = CpuOperations.zeroGradients(loop);
        float stepSize = loop.rule().stepSize();
        float epsilon = loop.rule().threat().epsilon();
        try (Arena call = Arena.ofConfined()) {
            check("convolution_linf_step", (int) CpuLibrary.CONVOLUTION_LINF_STEP.invokeExact(
                    device,
                    (long) n,
                    structure(shape, call),
                    gradient,
                    p,
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
    public void maxPool(int n, Pooling shape, Buffer x, Buffer y, Buffer chosen) {
        MemorySegment input = floats(x, (long) n * shape.inputSize(), "x");
        MemorySegment output = floats(y, (long) n * shape.outputSize(), "y");
        MemorySegment positions = segment(chosen, INT32, (long) n * shape.outputSize(), "chosen");
        try (Arena call = Arena.ofConfined()) {
            check("max_pool", (int) CpuLibrary.MAX_POOL.invokeExact(
                    device, (long) n, structure(shape, call), input, output, positions));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void maxPoolGradient(
            int n, Pooling shape, Buffer dy, Buffer chosen, Activation activation, @Nullable Buffer before, Buffer dx) {
        Checks.derivative(activation, before);
        MemorySegment gradient = floats(dy, (long) n * shape.outputSize(), "dy");
        MemorySegment positions = segment(chosen, INT32, (long) n * shape.outputSize(), "chosen");
        MemorySegment y = optional(before, FLOAT32, (long) n * shape.inputSize(), "before");
        MemorySegment result = floats(dx, (long) n * shape.inputSize(), "dx");
        int kind = activation.kind().ordinal();
        try (Arena call = Arena.ofConfined()) {
            check("max_pool_gradient", (int) CpuLibrary.MAX_POOL_GRADIENT.invokeExact(
                    device,
                    (long) n,
                    structure(shape, call),
                    gradient,
                    positions,
                    y,
                    kind,
                    activation.slope(),
                    result));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void averagePool(int n, Pooling shape, Buffer x, Buffer y) {
        MemorySegment input = floats(x, (long) n * shape.inputSize(), "x");
        MemorySegment output = floats(y, (long) n * shape.outputSize(), "y");
        try (Arena call = Arena.ofConfined()) {
            check("average_pool", (int)
                    CpuLibrary.AVERAGE_POOL.invokeExact(device, (long) n, structure(shape, call), input, output));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void averagePoolGradient(
            int n, Pooling shape, Buffer dy, Activation activation, @Nullable Buffer before, Buffer dx) {
        Checks.derivative(activation, before);
        MemorySegment gradient = floats(dy, (long) n * shape.outputSize(), "dy");
        MemorySegment y = optional(before, FLOAT32, (long) n * shape.inputSize(), "before");
        MemorySegment result = floats(dx, (long) n * shape.inputSize(), "dx");
        int kind = activation.kind().ordinal();
        try (Arena call = Arena.ofConfined()) {
            check("average_pool_gradient", (int) CpuLibrary.AVERAGE_POOL_GRADIENT.invokeExact(
                    device, (long) n, structure(shape, call), gradient, y, kind, activation.slope(), result));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void transpose(int n, int rows, int columns, Buffer x, Buffer y) {
        MemorySegment input = floats(x, (long) n * rows * columns, "x");
        MemorySegment output = floats(y, (long) n * rows * columns, "y");
        try {
            check("transpose", (int)
                    CpuLibrary.TRANSPOSE.invokeExact(device, (long) n, (long) rows, (long) columns, input, output));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    private MemorySegment prepared(Convolution shape, Buffer buffer) {
        return floats(buffer, preparedLength(shape), "prepared weights");
    }

    /** sp_convolution: 15 int64, then channels_first and bf16 as int32. */
    private MemorySegment structure(Convolution shape, Arena call) {
        MemorySegment all = call.allocate((5 + WINDOW + 1) * JAVA_LONG.byteSize(), JAVA_LONG.byteAlignment());
        set(all, 0, shape.channels(), shape.height(), shape.width(), shape.filters());
        window(all, 4, shape.window());
        set(all, 4 + WINDOW, shape.groups());
        all.setAtIndex(JAVA_INT, 2 * (5 + WINDOW), shape.channelsFirst() ? 1 : 0);
        all.setAtIndex(JAVA_INT, 2 * (5 + WINDOW) + 1, bf16 ? 1 : 0);
        return all;
    }

    /** sp_pooling: 14 int64. */
    private static MemorySegment structure(Pooling shape, Arena call) {
        MemorySegment all = call.allocate((4 + WINDOW) * JAVA_LONG.byteSize(), JAVA_LONG.byteAlignment());
        set(all, 0, shape.channels(), shape.height(), shape.width());
        window(all, 3, shape.window());
        set(all, 3 + WINDOW, shape.countPadding() ? 1 : 0);
        return all;
    }

    private static void window(MemorySegment all, int at, Window window) {
        set(
                all,
                at,
                window.height(),
                window.width(),
                window.strideY(),
                window.strideX(),
                window.top(),
                window.left(),
                window.bottom(),
                window.right(),
                window.dilationY(),
                window.dilationX());
    }

    private static void set(MemorySegment all, int at, int... values) {
        for (int i = 0; i < values.length; i++) {
            all.setAtIndex(JAVA_LONG, at + i, values[i]);
        }
    }
}
