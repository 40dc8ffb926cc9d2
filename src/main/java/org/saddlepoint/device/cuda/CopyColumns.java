package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;

/** kernels/copy_columns.cu. */
final class CopyColumns {
    private final Kernel kernel;

    CopyColumns(KernelModule module) {
        kernel = module.kernel("copy_columns");
    }

    void run(
            long rows,
            int columns,
            Buffer source,
            int sourceWidth,
            int sourceAt,
            Buffer target,
            int targetWidth,
            int targetAt) {
        Checks.columns(columns, sourceWidth, sourceAt, "source");
        Checks.columns(columns, targetWidth, targetAt, "target");
        CudaBuffer from = Checked.floats(source, rows * sourceWidth, "source");
        CudaBuffer to = Checked.floats(target, rows * targetWidth, "target");
        if (rows > 0 && columns > 0) {
            kernel.matrix(rows, columns)
                    .with(rows)
                    .with(columns)
                    .with(from)
                    .with(sourceWidth)
                    .with(sourceAt)
                    .with(to)
                    .with(targetWidth)
                    .with(targetAt)
                    .run();
        }
    }
}
