package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;

/** kernels/layer_norm_weight_gradient.cu. */
final class LayerNormWeightGradient {
    private final CudaDriver driver;
    private final Kernel statistics;
    private final Kernel sums;
    private final Kernel gradient;
    private final Workspace workspace;

    LayerNormWeightGradient(CudaDriver driver, KernelModule module, Workspace workspace) {
        this.driver = driver;
        statistics = module.kernel("layer_norm_statistics");
        sums = module.kernel("layer_norm_weight_gradient_sums");
        gradient = module.kernel("layer_norm_weight_gradient");
        this.workspace = workspace;
    }

    void run(long rows, int size, Buffer x, Buffer dy, float epsilon, Buffer dWeight, Buffer dBias) {
        Checks.statistics(size, 1);
        CudaBuffer input = Checked.floats(x, rows * size, "x");
        CudaBuffer given = Checked.floats(dy, rows * size, "dy");
        CudaBuffer dw = Checked.floats(dWeight, size, "weight gradient");
        CudaBuffer db = Checked.floats(dBias, size, "bias gradient");
        if (rows == 0) {
            driver.fill(dw, 0, size);
            driver.fill(db, 0, size);
            return;
        }
        RowGroups groups = RowGroups.of(rows, size);
        long length = groups.floats(size);
        CudaBuffer space = workspace.floats(length + 2 * rows);
        CudaBuffer ofRows = space.slice(length, 2 * rows);
        statistics
                .rows(rows)
                .with(rows)
                .with(size)
                .with(input)
                .with(epsilon)
                .with(ofRows)
                .run();
        groups.over(sums, size)
                .with(rows)
                .with(size)
                .with(groups.chunksEach())
                .with(input)
                .with(given)
                .with(ofRows)
                .with(space)
                .run();
        gradient.blocks(size, Kernel.THREADS)
                .with(size)
                .with(groups.groups())
                .with(space)
                .with(dw)
                .with(db)
                .run();
    }
}
