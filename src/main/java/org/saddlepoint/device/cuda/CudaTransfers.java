package org.saddlepoint.device.cuda;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import jcuda.Pointer;
import jcuda.driver.CUevent;

/**
 * Copies between arrays of the host and device memory, through two pinned buffers in turn: the driver copies from pinned
 * memory alone without holding up the caller, and no array is pinned for it, which would hold up the garbage collector. A
 * write is done as soon as its values are in a pinned buffer; it waits only where both are still on their way.
 */
final class CudaTransfers {
    private static final int CAPACITY = 4 << 20;

    /** One pinned buffer; what it holds is in use until `done` has passed. */
    private static final class Staging {
        final Pointer pinned;
        final ByteBuffer bytes;
        final CUevent done;
        boolean busy;

        Staging(CudaDriver driver) {
            this.pinned = driver.allocatePinned(CAPACITY);
            this.bytes = pinned.getByteBuffer(0, CAPACITY).order(ByteOrder.nativeOrder());
            this.done = driver.event(false);
        }
    }

    private final CudaDriver driver;
    /** Held for a whole transfer, and taken before {@link CudaDriver#call} by whoever takes both. */
    private final ReentrantLock turn = new ReentrantLock();

    private final Staging[] stagings;
    private int next;

    CudaTransfers(CudaDriver driver) {
        this.driver = driver;
        this.stagings = driver.call(() -> new Staging[] {new Staging(driver), new Staging(driver)});
    }

    Lock turn() {
        return turn;
    }

    /** Waits for an event; other threads may launch meanwhile, and nobody can close the device. */
    void await(CUevent event) {
        turn.lock();
        try {
            driver.run(driver::countWait);
            driver.await(event);
        } finally {
            turn.unlock();
        }
    }

    /** From a float, int or byte buffer's position to its limit. */
    void write(CudaBuffer target, Buffer source) {
        turn.lock();
        try {
            int size = target.type().bytes();
            long address = target.address();
            while (source.hasRemaining()) {
                Staging staging = free(target, "writes a buffer");
                int count = Math.min(source.remaining(), CAPACITY / size);
                long bytes = (long) count * size;
                fill(staging.bytes.clear(), source, count);
                long to = address;
                driver.run(() -> {
                    target.requireOpen(target.type());
                    driver.toDevice(to, staging.pinned, bytes, driver.compute());
                    driver.record(staging.done, driver.compute());
                    staging.busy = true;
                });
                address += bytes;
            }
        } finally {
            turn.unlock();
        }
    }

    /** Into a float or int buffer, from its position to its limit. */
    void read(CudaBuffer source, Buffer target) {
        turn.lock();
        try {
            int size = source.type().bytes();
            long address = source.address();
            while (target.hasRemaining()) {
                Staging staging = free(source, "reads a buffer");
                int count = Math.min(target.remaining(), CAPACITY / size);
                long bytes = (long) count * size;
                long from = address;
                driver.run(() -> {
                    source.requireOpen(source.type());
                    driver.copyAfterKernels();
                    driver.fromDevice(staging.pinned, from, bytes, driver.copying());
                    driver.record(staging.done, driver.copying());
                });
                await(staging.done);
                drain(staging.bytes.clear(), target, count);
                address += bytes;
            }
        } finally {
            turn.unlock();
        }
    }

    /** The next pinned buffer, once its last copy is done. */
    private Staging free(CudaBuffer buffer, String obstacle) {
        Staging staging = stagings[next];
        next = 1 - next;
        driver.run(() -> {
            buffer.requireOpen(buffer.type());
            driver.interrupt(obstacle);
            staging.busy = staging.busy && driver.isPending(staging.done);
        });
        if (staging.busy) {
            await(staging.done);
            staging.busy = false;
        }
        return staging;
    }

    private static void fill(ByteBuffer pinned, Buffer source, int count) {
        int end = source.position() + count;
        switch (source) {
            case FloatBuffer floats -> pinned.asFloatBuffer().put(0, floats, floats.position(), count);
            case IntBuffer ints -> pinned.asIntBuffer().put(0, ints, ints.position(), count);
            case ByteBuffer bytes -> pinned.put(0, bytes, bytes.position(), count);
            default -> throw new IllegalArgumentException(source + " cannot be written");
        }
        source.position(end);
    }

    private static void drain(ByteBuffer pinned, Buffer target, int count) {
        switch (target) {
            case FloatBuffer floats -> floats.put(pinned.asFloatBuffer().limit(count));
            case IntBuffer ints -> ints.put(pinned.asIntBuffer().limit(count));
            default -> throw new IllegalArgumentException(target + " cannot be read into");
        }
    }

    /** Gives the pinned buffers back; inside {@link CudaDriver#close(Runnable)}. */
    void release() {
        for (Staging staging : stagings) {
            driver.destroy(staging.done);
            driver.freePinned(staging.pinned);
        }
    }
}
