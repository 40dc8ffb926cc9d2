package org.saddlepoint.kernels;

import java.util.List;

/**
 * What a multiprocessor of an architecture holds (CUDA C++ Programming Guide, table of technical specifications per compute
 * capability; rounding as in NVIDIA's cuda_occupancy.h).
 *
 * @param architecture such as 86
 * @param maxWarps resident at once
 * @param maxBlocks resident at once
 * @param sharedBytes of all its blocks; each takes {@link #RESERVED} more than it asks for
 * @param sharedBytesOfBlock the most that one block may ask for
 */
record Multiprocessor(int architecture, int maxWarps, int maxBlocks, int sharedBytes, int sharedBytesOfBlock) {
    private static final int KIB = 1024;

    static final List<Multiprocessor> ALL = List.of(
            new Multiprocessor(80, 64, 32, 164 * KIB, 163 * KIB),
            new Multiprocessor(86, 48, 16, 100 * KIB, 99 * KIB),
            new Multiprocessor(89, 48, 24, 100 * KIB, 99 * KIB),
            new Multiprocessor(90, 64, 32, 228 * KIB, 227 * KIB),
            new Multiprocessor(100, 64, 32, 228 * KIB, 227 * KIB),
            new Multiprocessor(120, 48, 24, 100 * KIB, 99 * KIB));

    private static final int WARP = 32;
    private static final int PARTITIONS = 4;
    private static final int REGISTERS_OF_PARTITION = 64 * KIB / PARTITIONS;
    /** Registers are given to a warp in units of this. */
    private static final int REGISTER_UNIT = 256;

    private static final int SHARED_UNIT = 128;
    private static final int RESERVED = KIB;

    static Multiprocessor of(int architecture) {
        return ALL.stream()
                .filter(one -> one.architecture == architecture)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("the limits of sm_" + architecture + " are not listed"));
    }

    /**
     * How many blocks are resident at once.
     *
     * @param threads of a block
     * @param registers of a thread
     * @param shared bytes of a block, static and dynamic
     * @return blocks; 0 where not one can run
     */
    int blocks(int threads, int registers, int shared) {
        if (shared > sharedBytesOfBlock) {
            return 0;
        }
        int warps = warpsOf(threads);
        int warpsByRegisters =
                PARTITIONS * (REGISTERS_OF_PARTITION / roundUp(Math.max(1, registers) * WARP, REGISTER_UNIT));
        int byShared = sharedBytes / roundUp(shared + RESERVED, SHARED_UNIT);
        return Math.min(Math.min(maxBlocks, byShared), Math.min(maxWarps / warps, warpsByRegisters / warps));
    }

    static int warpsOf(int threads) {
        return roundUp(threads, WARP) / WARP;
    }

    private static int roundUp(int value, int unit) {
        return (value + unit - 1) / unit * unit;
    }
}
