package org.saddlepoint.device.cuda;

import jcuda.driver.CUevent;
import org.saddlepoint.device.ElementType;

/** kernels/fma_peak.cu: how many float32 operations a second the GPU reaches in independent multiply-adds. */
final class FmaPeak {
    private static final int CHAINS = 16;
    private static final int BLOCKS_EACH = 8;
    private static final long NANOSECONDS = 500_000_000;

    private final CudaDriver driver;
    private final CudaTransfers transfers;
    private final Kernel kernel;

    FmaPeak(CudaDriver driver, CudaTransfers transfers, KernelModule module) {
        this.driver = driver;
        this.transfers = transfers;
        this.kernel = module.kernel("fma_peak");
    }

    double measure(CudaArena arena) {
        int blocks = BLOCKS_EACH * driver.hardware().multiprocessors();
        long threads = (long) blocks * Kernel.THREADS;
        int iterations = driver.hardware().emulated() ? 16 : 4096;
        CudaBuffer out = arena.allocate(ElementType.FLOAT32, threads);
        CUevent begin = driver.call(() -> driver.event(true));
        CUevent end = driver.call(() -> driver.event(true));
        double best = 0;
        for (long started = System.nanoTime(); System.nanoTime() - started < NANOSECONDS; ) {
            driver.run(() -> {
                driver.interrupt("measures");
                driver.record(begin, driver.compute());
                kernel.blocks(blocks, Kernel.THREADS).with(iterations).with(out).run();
                driver.record(end, driver.compute());
            });
            transfers.await(end);
            double seconds = driver.call(() -> driver.elapsed(begin, end)) * 1e-3;
            best = Math.max(best, 2.0 * CHAINS * iterations * threads / seconds);
        }
        driver.release(() -> {
            driver.destroy(begin);
            driver.destroy(end);
        });
        return best;
    }
}
