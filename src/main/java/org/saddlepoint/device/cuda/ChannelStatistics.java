package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;

/** kernels/channel_statistics.cu. */
final class ChannelStatistics {
    private final Kernel sums;
    private final Kernel statistics;
    private final Workspace workspace;

    ChannelStatistics(KernelModule module, Workspace workspace) {
        sums = module.kernel("channel_statistics_sums");
        statistics = module.kernel("channel_statistics");
        this.workspace = workspace;
    }

    void run(long rows, int channels, Buffer x, Buffer mean, Buffer variance) {
        Checks.statistics(rows, channels);
        CudaBuffer input = Checked.floats(x, rows * channels, "x");
        CudaBuffer means = Checked.floats(mean, channels, "mean");
        CudaBuffer variances = Checked.floats(variance, channels, "variance");
        RowGroups groups = RowGroups.of(rows, channels);
        CudaBuffer space = workspace.floats(groups.floats(channels));
        groups.over(sums, channels)
                .with(rows)
                .with(channels)
                .with(groups.chunksEach())
                .with(input)
                .with(space)
                .run();
        statistics
                .blocks(channels, Kernel.THREADS)
                .with(rows)
                .with(channels)
                .with(groups.groups())
                .with(space)
                .with(input)
                .with(means)
                .with(variances)
                .run();
    }
}
