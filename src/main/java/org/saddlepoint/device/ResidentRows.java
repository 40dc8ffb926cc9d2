package org.saddlepoint.device;

/** A data set that lies in device memory as a whole; bytes stay bytes there. */
public final class ResidentRows implements RowFeed {
    private final Operations operations;
    private final BufferArena arena;
    private final Buffer rows;
    private final int features;

    /**
     * Brings a data set onto a device.
     *
     * @param operations of the device
     * @param arena the data's own, closed with this
     * @param source the values
     */
    public ResidentRows(Operations operations, BufferArena arena, RowSource source) {
        this.operations = operations;
        this.arena = arena;
        this.features = source.features();
        try {
            this.rows = source.toDevice(arena);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    @Override
    public void beginEpoch(int[] order) {}

    @Override
    public int prepare(int from, int n) {
        return 0;
    }

    @Override
    public void gather(int n, int place, Buffer indices, Buffer out) {
        operations.gather(n, features, rows, indices, out);
    }

    @Override
    public void close() {
        arena.close();
    }
}
