package org.saddlepoint.device.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of one launch at a time, in a block of memory that is used again and again: the driver copies them at the
 * call. A device has one, used inside {@link CudaDriver#call}.
 */
final class Launch {
    private static final int MOST = 32;
    private static final int SLOT = 8;

    private final CudaDriver driver;
    private final ByteBuffer values = ByteBuffer.allocateDirect(MOST * SLOT).order(ByteOrder.nativeOrder());
    private final NativePointerObject[] slots = new NativePointerObject[MOST];
    /** lists[k] points to the first k slots. */
    private final Pointer[] lists = new Pointer[MOST + 1];

    private final char[] kinds = new char[MOST];
    private int count;
    private @Nullable ByteBuffer structure;

    private @Nullable CUfunction function;
    private String kernel = "nothing";
    private int gridX;
    private int gridY;
    private int block;
    private int shared;

    Launch(CudaDriver driver) {
        this.driver = driver;
        for (int i = 0; i < MOST; i++) {
            slots[i] = Pointer.to(values).withByteOffset((long) i * SLOT);
        }
        for (int k = 0; k <= MOST; k++) {
            NativePointerObject[] first = new NativePointerObject[k];
            System.arraycopy(slots, 0, first, 0, k);
            lists[k] = Pointer.to(first);
        }
    }

    Launch begin(Kernel of, CUfunction entry, int x, int y, int threads, int sharedBytes) {
        count = 0;
        structure = null;
        kernel = of.name();
        function = entry;
        gridX = x;
        gridY = y;
        block = threads;
        shared = sharedBytes;
        return this;
    }

    Launch with(int value) {
        values.putInt(slot('i'), value);
        return this;
    }

    Launch with(boolean value) {
        return with(value ? 1 : 0);
    }

    Launch with(long value) {
        values.putLong(slot('l'), value);
        return this;
    }

    Launch with(float value) {
        values.putFloat(slot('f'), value);
        return this;
    }

    /** A buffer's address; null is the null pointer. */
    Launch with(@Nullable CudaBuffer buffer) {
        values.putLong(slot('p'), buffer == null ? 0 : buffer.address());
        if (buffer != null) {
            driver.use(buffer);
        }
        return this;
    }

    /**
     * A structure by value, as the kernel's only argument.
     *
     * @param fields direct, in native order, laid out as the kernel declares it
     * @param buffers those whose addresses stand in it
     */
    Launch with(ByteBuffer fields, Iterable<CudaBuffer> buffers) {
        structure = fields;
        buffers.forEach(driver::use);
        return this;
    }

    private int slot(char kind) {
        kinds[count] = kind;
        return SLOT * count++;
    }

    void run() {
        CUfunction entry = function;
        if (entry == null) {
            throw new IllegalStateException("run without begin");
        }
        ByteBuffer fields = structure;
        Pointer arguments = fields == null ? lists[count] : Pointer.to(Pointer.to(fields));
        driver.launch(this, entry, gridX, gridY, block, shared, arguments);
    }

    String kernel() {
        return kernel;
    }

    /** Kernel, sizes and shape, for messages. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(kernel).append('(');
        for (int i = 0; i < count; i++) {
            int at = i * SLOT;
            text.append(i == 0 ? "" : ", ");
            switch (kinds[i]) {
                case 'i' -> text.append(values.getInt(at));
                case 'f' -> text.append(values.getFloat(at));
                case 'l' -> text.append(values.getLong(at));
                default -> text.append("0x").append(Long.toHexString(values.getLong(at)));
            }
        }
        text.append(structure == null ? ")" : "structure)");
        text.append(" in ").append(gridX).append(" x ").append(gridY).append(" blocks of ");
        return text.append(block)
                .append(" threads with ")
                .append(shared)
                .append(" bytes of shared memory")
                .toString();
    }
}
