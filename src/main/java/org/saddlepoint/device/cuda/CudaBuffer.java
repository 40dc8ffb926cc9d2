package org.saddlepoint.device.cuda;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Objects;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.ElementType;

/** A buffer in device memory. A write is in order with the kernels; a read waits for those asked for before it. */
final class CudaBuffer implements Buffer {
    private final CudaArena arena;
    private final CudaTransfers transfers;
    private final ElementType type;
    private final long address;
    private final long length;

    CudaBuffer(CudaArena arena, CudaTransfers transfers, ElementType type, long address, long length) {
        this.arena = arena;
        this.transfers = transfers;
        this.type = type;
        this.address = address;
        this.length = length;
    }

    CudaArena arena() {
        return arena;
    }

    long address() {
        return address;
    }

    @Override
    public ElementType type() {
        return type;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public CudaBuffer slice(long offset, long count) {
        Objects.checkFromIndexSize(offset, count, length);
        return new CudaBuffer(arena, transfers, type, address + offset * type.bytes(), count);
    }

    @Override
    public void write(float[] source, int offset, int count) {
        require(ElementType.FLOAT32, count);
        transfers.write(this, FloatBuffer.wrap(source, offset, count));
    }

    @Override
    public void write(int[] source, int offset, int count) {
        require(ElementType.INT32, count);
        transfers.write(this, IntBuffer.wrap(source, offset, count));
    }

    @Override
    public void write(byte[] source, int offset, int count) {
        require(ElementType.UINT8, count);
        transfers.write(this, ByteBuffer.wrap(source, offset, count));
    }

    @Override
    public void read(float[] target, int offset, int count) {
        require(ElementType.FLOAT32, count);
        transfers.read(this, FloatBuffer.wrap(target, offset, count));
    }

    @Override
    public void read(int[] target, int offset, int count) {
        require(ElementType.INT32, count);
        transfers.read(this, IntBuffer.wrap(target, offset, count));
    }

    private void require(ElementType expected, int count) {
        requireOpen(expected);
        Objects.checkFromIndexSize(0, count, length);
    }

    /** Refuses a closed buffer, and one of another type. */
    void requireOpen(ElementType expected) {
        if (!arena.isOpen()) {
            throw new IllegalStateException("this buffer of " + length + " " + type + " is closed");
        }
        if (type != expected) {
            throw new IllegalArgumentException("a buffer of " + type + " was given where " + expected + " is needed");
        }
    }

    @Override
    public String toString() {
        return length + " " + type + (arena.isOpen() ? "" : " (closed)");
    }
}
