package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;

/** kernels/batch_norm_gradient.cu. */
final class BatchNormGradient {
    private final Kernel sums;
    private final Kernel factors;
    private final Kernel gradient;
    private final Workspace workspace;

    BatchNormGradient(KernelModule module, Workspace workspace) {
        sums = module.kernel("batch_norm_gradient_sums");
        factors = module.kernel("batch_norm_gradient_factors");
        gradient = module.kernel("batch_norm_gradient");
        this.workspace = workspace;
    }

    void run(
            long rows,
            int channels,
            Buffer x,
            Buffer dy,
            Buffer mean,
            Buffer variance,
            float epsilon,
            Buffer weight,
            Buffer dWeight,
            Buffer dBias,
            Buffer dx) {
        Checks.statistics(rows, channels);
        CudaBuffer input = Checked.floats(x, rows * channels, "x");
        CudaBuffer given = Checked.floats(dy, rows * channels, "dy");
        CudaBuffer means = Checked.floats(mean, channels, "mean");
        CudaBuffer variances = Checked.floats(variance, channels, "variance");
        CudaBuffer weights = Checked.floats(weight, channels, "weight");
        CudaBuffer dw = Checked.floats(dWeight, channels, "weight gradient");
        CudaBuffer db = Checked.floats(dBias, channels, "bias gradient");
        CudaBuffer result = Checked.floats(dx, rows * channels, "dx");
        RowGroups groups = RowGroups.of(rows, channels);
        long length = groups.floats(channels);
        CudaBuffer space = workspace.floats(length + 3L * channels);
        CudaBuffer ofChannels = space.slice(length, 3L * channels);
        groups.over(sums, channels)
                .with(rows)
                .with(channels)
                .with(groups.chunksEach())
                .with(input)
                .with(given)
                .with(means)
                .with(space)
                .run();
        factors.blocks(channels, Kernel.THREADS)
                .with(rows)
                .with(channels)
                .with(groups.groups())
                .with(space)
                .with(variances)
                .with(epsilon)
                .with(weights)
                .with(dw)
                .with(db)
                .with(ofChannels)
                .run();
        gradient.matrix(rows, channels)
                .with(rows)
                .with(channels)
                .with(input)
                .with(given)
                .with(means)
                .with(ofChannels)
                .with(result)
                .run();
    }
}
