package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;

/** kernels/cursor.cu: what a training does to its cursor. */
final class CursorKernels {
    private final Kernel nextBatch;
    private final Kernel endBatch;

    CursorKernels(KernelModule module) {
        nextBatch = module.kernel("next_batch");
        endBatch = module.kernel("end_batch");
    }

    void next(int n, Buffer order, CudaCursor cursor, Buffer indices) {
        CudaBuffer from = Checked.ints(order, (long) cursor.position() + n, "order");
        CudaBuffer to = Checked.ints(indices, n, "indices");
        if (n > 0) {
            nextBatch
                    .elements(n)
                    .with(n)
                    .with(from)
                    .with(cursor.place())
                    .with(to)
                    .run();
        }
    }

    void end(int n, Buffer losses, Buffer predictions, CudaCursor cursor, Buffer epochLosses, Buffer epochPredictions) {
        long end = (long) cursor.position() + n;
        CudaBuffer value = Checked.floats(losses, n, "losses");
        CudaBuffer classes = Checked.ints(predictions, n, "predictions");
        CudaBuffer values = Checked.floats(epochLosses, end, "losses of the epoch");
        CudaBuffer all = Checked.ints(epochPredictions, end, "predictions of the epoch");
        endBatch.blocks(1, Kernel.THREADS)
                .with(n)
                .with(value)
                .with(classes)
                .with(cursor.place())
                .with(values)
                .with(all)
                .run();
    }
}
