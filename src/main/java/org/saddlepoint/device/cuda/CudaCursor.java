package org.saddlepoint.device.cuda;

import java.util.List;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Cursor;
import org.saddlepoint.device.Operations.AdamSettings;
import org.saddlepoint.device.Operations.OptimizerSettings;
import org.saddlepoint.device.Operations.SgdSettings;

/**
 * A cursor whose position, batch number and epoch lie in device memory too, with a row of optimizer factors for each batch
 * of the epoch: written once an epoch, moved on by the kernel that ends a batch. The layout is that of kernels/cursor.cu.
 */
final class CudaCursor extends Cursor {
    private static final int ROW = 4;

    private final int batches;
    private final CudaBuffer place;
    private final CudaBuffer table;
    private int batch;

    CudaCursor(BufferArena arena, int batches) {
        this.batches = batches;
        this.place = (CudaBuffer) arena.ints(4);
        this.table = (CudaBuffer) arena.floats((long) ROW * batches);
    }

    /** Four int32: examples of the epoch that lie behind, batches that do, the epoch, nothing. */
    CudaBuffer place() {
        return place;
    }

    /** Four float32 a batch: see kernels/sgd.cu and kernels/adam.cu. */
    CudaBuffer table() {
        return table;
    }

    @Override
    public void beginEpoch(int number, long steps, List<? extends OptimizerSettings> settings) {
        if (settings.size() > batches) {
            throw new IllegalArgumentException(
                    "an epoch of " + settings.size() + " batches was given to a cursor of " + batches);
        }
        super.beginEpoch(number, steps, settings);
        batch = 0;
        float[] rows = new float[ROW * settings.size()];
        for (int i = 0; i < settings.size(); i++) {
            long step = steps + i + 1;
            float[] row = switch (settings.get(i)) {
                case SgdSettings sgd -> new float[] {sgd.learningRate(), step == 1 ? 1f : 0f, 0f, 0f};
                case AdamSettings adam -> AdamFactors.of(adam, step).row();
            };
            System.arraycopy(row, 0, rows, ROW * i, ROW);
        }
        table.write(rows);
        place.write(new int[] {0, 0, number, 0});
    }

    /** Moves both sides on; {@link #moved} where a kernel moves the device's. */
    @Override
    public void advance(int n) {
        moved(n);
        place.write(new int[] {position(), batch, epoch(), 0});
    }

    /** A kernel has moved the device's side on. */
    void moved(int n) {
        super.advance(n);
        batch++;
    }
}
