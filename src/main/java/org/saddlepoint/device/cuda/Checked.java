package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.Loop;

/** Buffers of an operation, refused where they are of another device, closed, of another type or too short. */
final class Checked {
    private Checked() {}

    static CudaBuffer floats(Buffer buffer, long length, String what) {
        return buffer(buffer, ElementType.FLOAT32, length, what);
    }

    static @Nullable CudaBuffer floatsOrNull(@Nullable Buffer buffer, long length, String what) {
        return buffer == null ? null : floats(buffer, length, what);
    }

    /** The output of the activation that fed a layer, or null with the identity. */
    static @Nullable CudaBuffer before(Activation activation, @Nullable Buffer before, long length) {
        if (before == null && activation.kind() != Activation.Kind.IDENTITY) {
            throw new IllegalArgumentException("the derivative of " + activation.kind() + " needs its output");
        }
        return floatsOrNull(before, length, "before");
    }

    static @Nullable CudaBuffer intsOrNull(@Nullable Buffer buffer, long length, String what) {
        return buffer == null ? null : ints(buffer, length, what);
    }

    static CudaBuffer ints(Buffer buffer, long length, String what) {
        return buffer(buffer, ElementType.INT32, length, what);
    }

    static CudaBuffer buffer(Buffer buffer, ElementType type, long length, String what) {
        if (!(buffer instanceof CudaBuffer cuda)) {
            throw new IllegalArgumentException(what + " is not a buffer of a CUDA device");
        }
        cuda.requireOpen(type);
        if (cuda.length() < length) {
            throw new IllegalArgumentException(
                    what + " holds " + cuda.length() + " " + type + " where " + length + " are needed");
        }
        return cuda;
    }

    /** The rows that a loop leaves alone, or null. */
    static @Nullable CudaBuffer beaten(Loop loop) {
        BestIterate best = loop.best();
        return best == null ? null : ints(best.beaten(), loop.n(), "beaten");
    }

    /** Where a loop counts, or null. */
    static @Nullable CudaBuffer zeroGradients(Loop loop) {
        BestIterate best = loop.best();
        return best == null ? null : ints(best.zeroGradients(), loop.n(), "zero gradients");
    }
}
