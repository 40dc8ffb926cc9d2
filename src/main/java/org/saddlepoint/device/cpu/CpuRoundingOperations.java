package org.saddlepoint.device.cpu;

import static org.saddlepoint.device.ElementType.BFLOAT16;
import static org.saddlepoint.device.ElementType.FLOAT32;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Precision;

/** The operation set with the operands of products rounded to bfloat16. */
final class CpuRoundingOperations extends CpuOperations {
    private final MemorySegment device;
    private final CpuOperations exact;

    /** Exact: the same device's in float32. */
    CpuRoundingOperations(MemorySegment device, CpuOperations exact) {
        super(device, exact, Precision.BF16);
        this.device = device;
        this.exact = exact;
    }

    @Override
    public Operations at(Precision precision) {
        return exact.at(precision);
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
        forward(n, in, out, x, weights, MemorySegment.NULL, bias, activation, y);
    }

    @Override
    public void denseForward(
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
        forward(n, in, out, x, weights, halves(forward, in, out), bias, activation, y);
    }

    private void forward(
            int n,
            int in,
            int out,
            Buffer x,
            Buffer weights,
            MemorySegment forward,
            Buffer bias,
            Activation activation,
            Buffer y) {
        MemorySegment input = floats(x, (long) n * in, "x");
        MemorySegment w = floats(weights, (long) in * out, "weights");
        MemorySegment b = floats(bias, out, "bias");
        MemorySegment output = floats(y, (long) n * out, "y");
        int kind = activation.kind().ordinal();
        float slope = activation.slope();
        try {
            check("dense_forward_bf16", (int) CpuLibrary.DENSE_FORWARD_BF16.invokeExact(
                    device, (long) n, (long) in, (long) out, input, w, forward, b, kind, slope, output));
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
        inputGradient(n, in, out, dy, weights, MemorySegment.NULL, activation, before, dx);
    }

    @Override
    public void denseInputGradient(
            int n,
            int in,
            int out,
            Buffer dy,
            Buffer weights,
            Buffer backward,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx) {
        inputGradient(n, in, out, dy, weights, halves(backward, in, out), activation, before, dx);
    }

    private void inputGradient(
            int n,
            int in,
            int out,
            Buffer dy,
            Buffer weights,
            MemorySegment backward,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx) {
        Checks.derivative(activation, before);
        MemorySegment gradient = floats(dy, (long) n * out, "dy");
        MemorySegment w = floats(weights, (long) in * out, "weights");
        MemorySegment y = optional(before, FLOAT32, (long) n * in, "before");
        MemorySegment result = floats(dx, (long) n * in, "dx");
        int kind = activation.kind().ordinal();
        float slope = activation.slope();
        try {
            check("dense_input_gradient_bf16", (int) CpuLibrary.DENSE_INPUT_GRADIENT_BF16.invokeExact(
                    device, (long) n, (long) in, (long) out, gradient, w, backward, y, kind, slope, result));
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
            check("dense_weight_gradient_bf16", (int) CpuLibrary.DENSE_WEIGHT_GRADIENT_BF16.invokeExact(
                    device, (long) n, (long) in, (long) out, input, gradient, dw, db));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void denseLinfStep(int out, Buffer dy, Buffer weights, Loop loop, int d) {
        linfStep(out, dy, weights, MemorySegment.NULL, loop, d);
    }

    @Override
    public void denseLinfStep(int out, Buffer dy, Buffer weights, Buffer backward, Loop loop, int d) {
        linfStep(out, dy, weights, halves(backward, d, out), loop, d);
    }

    private void linfStep(int out, Buffer dy, Buffer weights, MemorySegment backward, Loop loop, int d) {
        MemorySegment gradient = floats(dy, (long) loop.n() * out, "dy");
        MemorySegment w = floats(weights, (long) d * out, "weights");
        MemorySegment origin = floats(loop.origin(), (long) loop.n() * d, "origin");
        MemorySegment x = floats(loop.x(), (long) loop.n() * d, "x");
        MemorySegment beaten = beaten(loop);
        MemorySegment zeros = zeroGradients(loop);
        float stepSize = loop.rule().stepSize();
        float epsilon = loop.rule().threat().epsilon();
        try {
            check("dense_linf_step_bf16", (int) CpuLibrary.DENSE_LINF_STEP_BF16.invokeExact(
                    device,
                    (long) loop.n(),
                    (long) d,
                    (long) out,
                    gradient,
                    w,
                    backward,
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

    private MemorySegment halves(Buffer buffer, int in, int out) {
        return segment(buffer, BFLOAT16, preparedHalvesLength(in, out), "rounded weights");
    }
}
