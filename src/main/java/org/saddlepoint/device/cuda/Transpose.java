package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;

/** kernels/transpose.cu. */
final class Transpose {
    private static final int TILE = 32;

    private final Kernel kernel;

    Transpose(KernelModule module) {
        kernel = module.kernel("transpose");
    }

    void run(int n, int rows, int columns, Buffer x, Buffer y) {
        long length = (long) n * rows * columns;
        CudaBuffer input = Checked.floats(x, length, "x");
        CudaBuffer output = Checked.floats(y, length, "y");
        if (length > 0) {
            ImageLaunch.tiles(kernel, Kernel.ceil(rows, TILE) * Kernel.ceil(columns, TILE), n)
                    .with(n)
                    .with(rows)
                    .with(columns)
                    .with(input)
                    .with(output)
                    .run();
        }
    }
}
