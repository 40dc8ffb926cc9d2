package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Cursor;
import org.saddlepoint.device.RandomStream;

/** kernels/dropout.cu. */
final class Dropout {
    private final Kernel kernel;

    Dropout(KernelModule module) {
        kernel = module.kernel("dropout");
    }

    void run(
            int n,
            int d,
            Buffer x,
            Buffer indices,
            RandomStream random,
            @Nullable Cursor cursor,
            int layer,
            float probability,
            Buffer y) {
        CudaBuffer input = Checked.floats(x, (long) n * d, "x");
        CudaBuffer index = Checked.ints(indices, n, "indices");
        CudaBuffer output = Checked.floats(y, (long) n * d, "y");
        long runs = n * Kernel.ceil(d, 4);
        if (runs > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "dropout of " + n + " x " + d + " values, more than a GPU takes: use a smaller batch");
        }
        // A cursor in device memory says the epoch; any other does here.
        CudaBuffer place = cursor instanceof CudaCursor own ? own.place() : null;
        int stream = place == null ? random.in(cursor).word() : random.word();
        if (runs > 0) {
            kernel.elements(runs)
                    .with(n)
                    .with(d)
                    .with(input)
                    .with(index)
                    .with(random.seed())
                    .with(stream)
                    .with(place)
                    .with(layer)
                    .with(probability)
                    .with(output)
                    .run();
        }
    }
}
