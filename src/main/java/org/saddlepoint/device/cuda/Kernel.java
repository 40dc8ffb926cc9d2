package org.saddlepoint.device.cuda;

import jcuda.driver.CUfunction;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.DeviceException;

/** An entry point of the module. */
final class Kernel {
    /** The block of kernels whose threads work apart from one another. */
    static final int THREADS = 256;

    private static final int ROWS = 4;
    private static final int WARP = 32;
    private static final int MOST_ROWS = 65535; // of blocks

    private final CudaDriver driver;
    private final Launch launch;
    private final String name;
    private final @Nullable CUfunction function;
    private int grantedShared;

    Kernel(CudaDriver driver, Launch launch, String name, @Nullable CUfunction function) {
        this.driver = driver;
        this.launch = launch;
        this.name = name;
        this.function = function;
    }

    String name() {
        return name;
    }

    /** A launch of a row of blocks without dynamic shared memory; arguments follow. */
    Launch blocks(long blocks, int threads) {
        return grid(blocks, 1, threads, 0);
    }

    /** One thread for each element; arguments follow. */
    Launch elements(long count) {
        return blocks(ceil(count, THREADS), THREADS);
    }

    /** One thread for four elements each; arguments follow. */
    Launch fours(long count) {
        return blocks(ceil(count, 4L * THREADS), THREADS);
    }

    /** One thread for each column of a matrix, in as many rows at a time as make a block; arguments follow. */
    Launch matrix(long rows, int columns) {
        long together = THREADS / Math.min(columns, THREADS);
        return grid(ceil(columns, THREADS), Math.min(ceil(rows, together), MOST_ROWS), THREADS, 0);
    }

    /** One warp for each row, four to a block; arguments follow. */
    Launch rows(long count) {
        return blocks(ceil(count, ROWS), ROWS * WARP);
    }

    /**
     * A launch; arguments follow.
     *
     * @param x blocks in a row
     * @param y rows of blocks, at most 65535
     * @param threads of a block
     * @param sharedBytes dynamic shared memory of a block
     */
    Launch grid(long x, long y, int threads, int sharedBytes) {
        CUfunction known = function;
        if (known == null) {
            throw new DeviceException("the kernels of this build have no " + name + ": build it anew", false);
        }
        if (x > Integer.MAX_VALUE || y > MOST_ROWS) {
            throw new IllegalArgumentException(
                    name + " needs " + x + " x " + y + " blocks, more than a GPU takes: use a smaller batch");
        }
        if (sharedBytes > grantedShared) {
            driver.allowShared(known, name, sharedBytes);
            grantedShared = sharedBytes;
        }
        return launch.begin(this, known, (int) x, (int) y, threads, sharedBytes);
    }

    /** ceil(a / b). */
    static long ceil(long a, long b) {
        return (a + b - 1) / b;
    }
}
