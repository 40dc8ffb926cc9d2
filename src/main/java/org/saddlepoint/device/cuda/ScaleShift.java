package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;

/** kernels/scale_shift.cu. */
final class ScaleShift {
    private final Kernel kernel;

    ScaleShift(KernelModule module) {
        kernel = module.kernel("scale_shift");
    }

    void run(int n, int channels, int size, Buffer x, Buffer scale, @Nullable Buffer shift, Buffer y) {
        long length = (long) n * channels * size;
        CudaBuffer input = Checked.floats(x, length, "x");
        CudaBuffer factor = Checked.floats(scale, channels, "scale");
        CudaBuffer summand = Checked.floatsOrNull(shift, channels, "shift");
        CudaBuffer output = Checked.floats(y, length, "y");
        if (length > 0) {
            kernel.matrix(n, channels * size)
                    .with(n)
                    .with(channels)
                    .with(size)
                    .with(input)
                    .with(factor)
                    .with(summand)
                    .with(output)
                    .run();
        }
    }
}
