package org.saddlepoint.device.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.Readback;

/**
 * Copies a buffer to pinned memory beside the kernels: first within the device, in order with them, so that the values are
 * those of the moment of the request, then on the copying stream. For one thread.
 */
final class CudaReadback implements Readback {
    private final CudaDriver driver;
    private final CudaTransfers transfers;
    private final CudaBuffer source;
    private final CudaArena arena;
    private final CudaBuffer shadow;
    private final Pointer pinned;
    private final ByteBuffer bytes;
    private final CUevent arrived;
    private int pending = -1;
    private double[] latest = new double[0];
    private boolean closed;

    CudaReadback(CudaDriver driver, CudaTransfers transfers, CudaBuffer source) {
        this.driver = driver;
        this.transfers = transfers;
        this.source = source;
        this.arena = new CudaArena(driver, transfers);
        long size = Math.max(4, source.length() * source.type().bytes());
        try {
            this.shadow = arena.allocate(source.type(), source.length());
            this.arrived = driver.call(() -> driver.event(false));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
        try {
            this.pinned = driver.call(() -> driver.allocatePinned(size));
        } catch (RuntimeException e) {
            driver.release(() -> driver.destroy(arrived));
            arena.close();
            throw e;
        }
        this.bytes = pinned.getByteBuffer(0, size).order(ByteOrder.nativeOrder());
    }

    @Override
    public void request(int count) {
        Objects.checkFromIndexSize(0, count, source.length());
        driver.run(() -> {
            driver.interrupt("reads a buffer");
            take();
            if (pending < 0 && count > 0) {
                source.requireOpen(source.type());
                long size = (long) count * source.type().bytes();
                driver.copyWithin(shadow, source, size);
                driver.copyAfterKernels();
                driver.fromDevice(pinned, shadow.address(), size, driver.copying());
                driver.record(arrived, driver.copying());
                pending = count;
            }
        });
    }

    /** Takes what has arrived. */
    private void take() {
        if (pending >= 0 && !driver.isPending(arrived)) {
            latest = new double[pending];
            for (int i = 0; i < pending; i++) {
                latest[i] = source.type() == ElementType.INT32 ? bytes.getInt(4 * i) : bytes.getFloat(4 * i);
            }
            pending = -1;
        }
    }

    @Override
    public double[] latest() {
        driver.run(() -> {
            if (driver.recording() == null) { // a driver refuses questions about events meanwhile
                take();
            }
        });
        return latest.clone();
    }

    @Override
    public double[] all(int count) {
        await();
        request(count);
        await();
        return count == 0 ? new double[0] : latest();
    }

    private void await() {
        if (pending >= 0) {
            transfers.await(arrived);
            latest();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            arena.close(); // waits for a copy under way
            driver.release(() -> {
                driver.destroy(arrived);
                driver.freePinned(pinned);
            });
        }
    }
}
