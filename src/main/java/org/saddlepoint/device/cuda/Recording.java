package org.saddlepoint.device.cuda;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is known of work that is being recorded into a graph, or was. */
final class Recording {
    /** A batch that the work ended: the graph moves the cursor in device memory, its mirror on the host is moved with it. */
    private record Advance(CudaCursor cursor, int n, long end) {
        /** The graph writes where the device's cursor stands: only the mirror can tell that it would be too far. */
        void requireRoom() {
            if ((long) cursor.position() + n > end) {
                throw new IllegalArgumentException("a batch of " + n + " examples at position " + cursor.position()
                        + " leaves the epoch's buffers, which hold " + end);
            }
        }
    }

    private final Set<CudaArena> arenas = new HashSet<>();
    private final List<Advance> advances = new ArrayList<>();
    private int operations;
    private boolean interrupted;
    private @Nullable String obstacle;

    /** The graph reads or writes buffers of this arena, and must not run once that is closed. */
    void uses(CudaArena arena) {
        arenas.add(arena);
    }

    /** `end`: examples for which the recorded work has room. */
    void advances(CudaCursor cursor, int n, long end) {
        advances.add(new Advance(cursor, n, end));
    }

    /** Before the graph is launched again. */
    void requireRoom() {
        advances.forEach(Advance::requireRoom);
    }

    void countOperation() {
        operations++;
    }

    int operations() {
        return operations;
    }

    /**
     * The work did something that cannot be recorded.
     *
     * @param reason null where the next time will be another matter
     */
    void interrupt(@Nullable String reason) {
        interrupted = true;
        obstacle = reason;
    }

    boolean isInterrupted() {
        return interrupted;
    }

    /** Why the work can never be recorded, or null. */
    @Nullable
    String obstacle() {
        return obstacle;
    }

    boolean isValid() {
        return arenas.stream().allMatch(CudaArena::isOpen);
    }

    /** After the graph was launched again. */
    void repeatAdvances() {
        advances.forEach(advance -> advance.cursor.moved(advance.n));
    }
}
