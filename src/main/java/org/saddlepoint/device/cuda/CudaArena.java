package org.saddlepoint.device.cuda;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.ElementType;

/** Buffers in device memory. Each is a piece of its own, aligned to {@link #ALIGNMENT}. */
final class CudaArena implements BufferArena {
    /** Bytes; what the driver promises. */
    static final int ALIGNMENT = 256;

    private record Piece(long address, long bytes) {}

    private final CudaDriver driver;
    private final CudaTransfers transfers;
    private final List<Piece> pieces = new ArrayList<>();
    private volatile boolean open = true;

    CudaArena(CudaDriver driver, CudaTransfers transfers) {
        this.driver = driver;
        this.transfers = transfers;
        driver.add(this);
    }

    @Override
    public CudaBuffer allocate(ElementType type, long length) {
        return allocate(type, length, "allocates memory");
    }

    /**
     * Allocates, and ends a recording if one is under way.
     *
     * @param obstacle why that work can never be recorded; null: the next time it can
     */
    CudaBuffer allocate(ElementType type, long length, @Nullable String obstacle) {
        if (length < 0) {
            throw new IllegalArgumentException("length of a buffer is " + length + ": it must be at least 0");
        }
        long bytes = Math.multiplyExact(length, type.bytes());
        return driver.call(() -> {
            requireOpen();
            if (length == 0) {
                return new CudaBuffer(this, transfers, type, 0, 0);
            }
            driver.interrupt(obstacle);
            long address = driver.allocate(bytes, length + " " + type);
            pieces.add(new Piece(address, bytes));
            return new CudaBuffer(this, transfers, type, address, length);
        });
    }

    /** A copy in device memory, which a GPU reads faster than the host's: later changes there are not seen. */
    @Override
    public Buffer wrap(FloatBuffer values) {
        if (!values.isDirect() || values.order() != ByteOrder.nativeOrder()) {
            throw new IllegalArgumentException("only a direct buffer in native byte order can be wrapped");
        }
        CudaBuffer copy = allocate(ElementType.FLOAT32, values.remaining());
        transfers.write(copy, values);
        return copy;
    }

    boolean isOf(CudaDriver other) {
        return driver == other;
    }

    boolean isOpen() {
        return open;
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("this arena is closed");
        }
    }

    /** Waits for work that may use the buffers, and frees them. */
    @Override
    public void close() {
        driver.close(this);
    }

    /** Alone with the device; the memory of a context that is gone, or of no use, went with it. */
    void closeAlone(boolean withContext) {
        if (open) {
            open = false;
            if (withContext) {
                driver.drain();
                for (Piece piece : pieces) {
                    driver.free(piece.address, piece.bytes);
                }
            }
            pieces.clear();
        }
    }
}
