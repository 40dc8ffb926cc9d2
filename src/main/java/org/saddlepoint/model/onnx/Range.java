package org.saddlepoint.model.onnx;

import org.jspecify.annotations.Nullable;

/** The places that a Slice takes of one axis. */
record Range(int start, int count, int step) {
    /** Of all axes; sizes of those that are not sliced may be anything. */
    static Range[] of(Call call, int[] sizes) throws Unsupported {
        long @Nullable [] starts = call.integers(1, "starts");
        long @Nullable [] ends = call.integers(2, "ends");
        long @Nullable [] axes = call.integers(3, "axes");
        long @Nullable [] steps = call.has(4) ? call.integers(4, "steps") : null;
        if (starts == null
                || ends == null
                || ends.length != starts.length
                || (axes != null && axes.length != starts.length)
                || (steps != null && steps.length != starts.length)) {
            throw new Unsupported("has starts, ends and axes that do not fit one another");
        }
        Range[] all = new Range[sizes.length];
        for (int d = 0; d < sizes.length; d++) {
            all[d] = new Range(0, sizes[d], 1);
        }
        for (int i = 0; i < starts.length; i++) {
            int axis = Call.axis(axes == null ? i : axes[i], sizes.length);
            long step = steps == null ? 1 : steps[i];
            if (step < 1 || step > Integer.MAX_VALUE) {
                throw new Unsupported("takes steps of " + step);
            }
            long start = place(starts[i], sizes[axis]);
            long end = place(ends[i], sizes[axis]);
            int count = end <= start ? 0 : (int) ((end - start + step - 1) / step);
            all[axis] = new Range((int) start, count, (int) step);
        }
        return all;
    }

    private static long place(long place, int size) {
        long fromFront = place < 0 ? place + size : place;
        return Math.clamp(fromFront, 0, size);
    }
}
