package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.ElementType;

/**
 * What an operation's kernels leave to one another, of any content at first: the work of a stream goes in order, so that all
 * of it shares one piece. It grows, and what it grew out of stays until the device is closed: recorded work may hold its
 * address.
 */
final class Workspace {
    private static final long LEAST = 1 << 18;

    private final CudaArena arena;
    private @Nullable CudaBuffer floats;

    Workspace(CudaArena arena) {
        this.arena = arena;
    }

    /** At least that many, aligned to 256 bytes; inside {@link CudaDriver#call}. */
    CudaBuffer floats(long length) {
        CudaBuffer known = floats;
        if (known == null || known.length() < length) {
            long longer = known == null ? LEAST : 2 * known.length();
            // The next time it is long enough, so the work can be recorded then.
            known = arena.allocate(ElementType.FLOAT32, Math.max(length, longer), null);
            floats = known;
        }
        return known;
    }
}
