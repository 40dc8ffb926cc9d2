package org.saddlepoint.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.OutOfDeviceMemoryException;

/** Buffers in host memory, aligned to cache lines. */
final class CpuArena implements BufferArena {
    private static final long ALIGNMENT = 64;

    private final Arena arena = Arena.ofShared();

    @Override
    public Buffer allocate(ElementType type, long length) {
        if (length < 0) {
            throw new IllegalArgumentException("length of a buffer is " + length + ": it must be at least 0");
        }
        requireOpen();
        try {
            return new CpuBuffer(type, arena.allocate(Math.multiplyExact(length, type.bytes()), ALIGNMENT));
        } catch (OutOfMemoryError e) {
            throw new OutOfDeviceMemoryException(
                    "the CPU device has no memory for " + length + " " + type + ": use a smaller batch", e);
        }
    }

    @Override
    public Buffer wrap(FloatBuffer values) {
        requireOpen();
        if (!values.isDirect() || values.order() != ByteOrder.nativeOrder()) {
            throw new IllegalArgumentException("only a direct buffer in native byte order can be wrapped");
        }
        return new CpuBuffer(ElementType.FLOAT32, MemorySegment.ofBuffer(values));
    }

    private void requireOpen() {
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("this arena is closed");
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
