package org.saddlepoint.device.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.stream.IntStream;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.RowFeed;
import org.saddlepoint.device.RowSource;

/**
 * A data set that stays on the host: a batch's rows are gathered into pinned memory and copied to the device while it
 * computes on the batch before. There are two places for a batch on either side; a place is filled again once the batch
 * that was there last is done with. For one thread.
 */
final class StreamedRows implements RowFeed {
    /** One batch on both sides. */
    private static final class Place {
        final Pointer pinned;
        final ByteBuffer host;
        final CudaBuffer rows;
        /** The rows have arrived on the device. */
        final CUevent arrived;
        /** The batch before the one that is prepared next but one has been asked for as a whole. */
        final CUevent used;

        boolean filled;

        Place(CudaDriver driver, CudaArena arena, ElementType type, long length) {
            long bytes = length * type.bytes();
            this.rows = arena.allocate(type, length);
            this.pinned = driver.allocatePinned(bytes);
            this.host = pinned.getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
            try {
                this.arrived = driver.event(false);
                this.used = driver.event(false);
            } catch (RuntimeException e) {
                driver.freePinned(pinned);
                throw e;
            }
        }

        void free(CudaDriver driver) {
            driver.destroy(arrived);
            driver.destroy(used);
            driver.freePinned(pinned);
        }
    }

    private final CudaDriver driver;
    private final CudaTransfers transfers;
    private final Operations operations;
    private final CudaArena arena;
    private final RowSource source;
    private final CudaBuffer inOrder;
    private final Place[] places;
    private int[] order = new int[0];
    private int current;
    private boolean closed;

    StreamedRows(
            CudaDriver driver,
            CudaTransfers transfers,
            Operations operations,
            CudaArena arena,
            RowSource source,
            int batch) {
        this.driver = driver;
        this.transfers = transfers;
        this.operations = operations;
        this.arena = arena;
        this.source = source;
        ElementType type = source.bytes() != null ? ElementType.UINT8 : ElementType.FLOAT32;
        try {
            this.inOrder = arena.allocate(ElementType.INT32, batch);
            inOrder.write(IntStream.range(0, batch).toArray());
            long length = (long) batch * source.features();
            this.places = driver.call(() -> places(driver, arena, type, length));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static Place[] places(CudaDriver driver, CudaArena arena, ElementType type, long length) {
        Place first = new Place(driver, arena, type, length);
        try {
            return new Place[] {first, new Place(driver, arena, type, length)};
        } catch (RuntimeException e) {
            first.free(driver);
            throw e;
        }
    }

    @Override
    public void beginEpoch(int[] permutation) {
        order = permutation.clone();
    }

    @Override
    public int prepare(int from, int n) {
        Place before = places[current];
        current = (current + 1) % places.length;
        Place place = places[current];
        boolean wait = driver.call(() -> {
            // All that uses the batch before has been asked for by now.
            driver.record(before.used, driver.compute());
            return place.filled && driver.isPending(place.arrived);
        });
        if (wait) {
            transfers.await(place.arrived);
        }
        fill(place.host, from, n);
        driver.run(() -> {
            if (place.filled) {
                driver.order(place.used, driver.copying());
            } else {
                driver.copyAfterKernels(); // that filled fresh memory with zeros
            }
            long bytes = (long) n * source.features() * place.rows.type().bytes();
            driver.toDevice(place.rows.address(), place.pinned, bytes, driver.copying());
            driver.record(place.arrived, driver.copying());
            driver.order(place.arrived, driver.compute());
            place.filled = true;
        });
        return current;
    }

    private void fill(ByteBuffer host, int from, int n) {
        int d = source.features();
        byte[] bytes = source.bytes();
        for (int i = 0; i < n; i++) {
            int row = order[from + i];
            if (bytes != null) {
                host.put(i * d, bytes, row * d, d);
            } else {
                host.asFloatBuffer().put(i * d, Objects.requireNonNull(source.floats()), row * d, d);
            }
        }
    }

    @Override
    public void gather(int n, int place, Buffer indices, Buffer out) {
        operations.gather(n, source.features(), places[place].rows, inOrder, out);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            arena.close(); // waits for copies under way
            driver.release(() -> {
                for (Place place : places) {
                    place.free(driver);
                }
            });
        }
    }
}
