package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What happens on Ctrl-C: files that are being written are finished first, and the last line says how to go on. The exit
 * code is the virtual machine's own, 130.
 */
final class Interruption implements AutoCloseable {
    private final ReentrantLock writing = new ReentrantLock();
    private final Thread hook = new Thread(this::interrupted, "interruption");
    private final Path run;
    private volatile String message = "before the first epoch was over, so nothing is saved";

    /**
     * Watches until closed.
     *
     * @param run the directory to resume from
     */
    Interruption(Path run) {
        this.run = run;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Writes files. */
    @FunctionalInterface
    interface Writing {
        void run() throws IOException;
    }

    /** Takes note of what can be gone on from, such as an epoch. */
    void saved(String what) {
        message = what + " is saved; go on with: saddlepoint train --resume " + run;
    }

    /** Writes files that belong together: an interruption waits for all of them. */
    void whole(Writing files) throws IOException {
        writing.lock();
        try {
            files.run();
        } finally {
            writing.unlock();
        }
    }

    private void interrupted() {
        writing.lock(); // and never unlocked: nothing may be written from here on
        System.err.println();
        System.err.println("interrupted: " + message);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The program is being interrupted already.
        }
    }
}
