package org.saddlepoint.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.ElementType;

/** A buffer in host memory. */
final class CpuBuffer implements Buffer {
    private final ElementType type;
    private final MemorySegment segment;

    CpuBuffer(ElementType type, MemorySegment segment) {
        this.type = type;
        this.segment = segment;
    }

    MemorySegment segment() {
        return segment;
    }

    @Override
    public ElementType type() {
        return type;
    }

    @Override
    public long length() {
        return segment.byteSize() / type.bytes();
    }

    @Override
    public CpuBuffer slice(long offset, long length) {
        Objects.checkFromIndexSize(offset, length, length());
        return new CpuBuffer(type, segment.asSlice(offset * type.bytes(), length * type.bytes()));
    }

    @Override
    public void write(float[] source, int offset, int count) {
        requireOpen(ElementType.FLOAT32);
        MemorySegment.copy(source, offset, segment, ValueLayout.JAVA_FLOAT, 0, count);
    }

    @Override
    public void write(int[] source, int offset, int count) {
        requireOpen(ElementType.INT32);
        MemorySegment.copy(source, offset, segment, ValueLayout.JAVA_INT, 0, count);
    }

    @Override
    public void write(byte[] source, int offset, int count) {
        requireOpen(ElementType.UINT8);
        MemorySegment.copy(source, offset, segment, ValueLayout.JAVA_BYTE, 0, count);
    }

    @Override
    public void read(float[] target, int offset, int count) {
        requireOpen(ElementType.FLOAT32);
        MemorySegment.copy(segment, ValueLayout.JAVA_FLOAT, 0, target, offset, count);
    }

    @Override
    public void read(int[] target, int offset, int count) {
        requireOpen(ElementType.INT32);
        MemorySegment.copy(segment, ValueLayout.JAVA_INT, 0, target, offset, count);
    }

    /** Refuses a closed buffer, and one of another type. */
    void requireOpen(ElementType expected) {
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("this buffer of " + length() + " " + type + " is closed");
        }
        if (type != expected) {
            throw new IllegalArgumentException("a buffer of " + type + " was given where " + expected + " is needed");
        }
    }

    @Override
    public String toString() {
        return length() + " " + type + (segment.scope().isAlive() ? "" : " (closed)");
    }
}
