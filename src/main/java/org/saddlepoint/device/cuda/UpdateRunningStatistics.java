package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;

/** kernels/update_running_statistics.cu. */
final class UpdateRunningStatistics {
    private final Kernel kernel;

    UpdateRunningStatistics(KernelModule module) {
        kernel = module.kernel("update_running_statistics");
    }

    void run(
            long rows,
            int channels,
            float momentum,
            Buffer mean,
            Buffer variance,
            Buffer runningMean,
            Buffer runningVariance) {
        Checks.statistics(rows, channels);
        CudaBuffer means = Checked.floats(mean, channels, "mean");
        CudaBuffer variances = Checked.floats(variance, channels, "variance");
        CudaBuffer runningMeans = Checked.floats(runningMean, channels, "running mean");
        CudaBuffer runningVariances = Checked.floats(runningVariance, channels, "running variance");
        kernel.elements(channels)
                .with(rows)
                .with(channels)
                .with(momentum)
                .with(means)
                .with(variances)
                .with(runningMeans)
                .with(runningVariances)
                .run();
    }
}
