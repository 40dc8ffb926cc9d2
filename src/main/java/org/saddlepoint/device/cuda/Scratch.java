package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.ElementType;

/**
 * Integers that kernels need beside their arguments: zero at first, and left zero by each kernel that uses them, so that all
 * of a stream share one piece. It grows, and what it grew out of stays until the device is closed: recorded work may hold
 * its address.
 */
final class Scratch {
    private static final long LEAST = 1 << 14;

    private final CudaArena arena;
    private @Nullable CudaBuffer ints;

    Scratch(CudaArena arena) {
        this.arena = arena;
    }

    /** At least that many; inside {@link CudaDriver#call}. */
    CudaBuffer ints(long length) {
        CudaBuffer known = ints;
        if (known == null || known.length() < length) {
            long longer = known == null ? LEAST : 2 * known.length();
            // The next time it is long enough, so the work can be recorded then.
            known = arena.allocate(ElementType.INT32, Math.max(length, longer), null);
            ints = known;
        }
        return known;
    }
}
