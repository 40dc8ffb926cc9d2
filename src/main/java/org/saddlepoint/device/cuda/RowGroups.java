package org.saddlepoint.device.cuda;

/**
 * How the rows of a matrix are summed column by column, as native/cpu/normalization.h says: chunks of 32 rows in groups of as
 * many chunks each.
 *
 * @param groups of rows
 * @param chunksEach chunks of a group
 */
record RowGroups(int groups, int chunksEach) {
    private static final int CHUNK = 32;
    private static final int MOST = 256;
    private static final int COLUMNS = 32; // of a block

    static RowGroups of(long rows, int columns) {
        long chunks = Kernel.ceil(rows, CHUNK);
        long most = Math.clamp((1L << 18) / columns, 1, MOST);
        long each = Math.max(1, Kernel.ceil(chunks, most));
        return new RowGroups((int) Kernel.ceil(chunks, each), Math.toIntExact(each));
    }

    /** Floats of workspace for two sums in double a column and group. */
    long floats(int columns) {
        return 4L * groups * columns;
    }

    /** A launch that sums; arguments follow. */
    Launch over(Kernel kernel, int columns) {
        return kernel.grid(groups, Kernel.ceil(columns, COLUMNS), Kernel.THREADS, 0);
    }
}
