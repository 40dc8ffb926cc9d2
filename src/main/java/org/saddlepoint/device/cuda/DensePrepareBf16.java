package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.ElementType;

/** kernels/dense_prepare_bf16.cu. */
final class DensePrepareBf16 {
    private static final int TILE = 32;

    private final Kernel kernel;

    DensePrepareBf16(KernelModule module) {
        kernel = module.kernel("dense_prepare_bf16");
    }

    /** Elements of each copy: rows are rounded up to 16 bytes. */
    static long length(int in, int out) {
        return Math.max(out * eights(in), in * eights(out));
    }

    private static long eights(int width) {
        return Kernel.ceil(width, 8) * 8;
    }

    void run(int in, int out, Buffer weights, Buffer forward, Buffer backward) {
        long length = length(in, out);
        CudaBuffer w = Checked.floats(weights, (long) in * out, "weights");
        CudaBuffer ahead = Checked.buffer(forward, ElementType.BFLOAT16, length, "forward");
        CudaBuffer back = Checked.buffer(backward, ElementType.BFLOAT16, length, "backward");
        kernel.grid(Kernel.ceil(eights(in), TILE), Kernel.ceil(eights(out), TILE), Kernel.THREADS, 0)
                .with(in)
                .with(out)
                .with(w)
                .with(ahead)
                .with(back)
                .run();
    }
}
