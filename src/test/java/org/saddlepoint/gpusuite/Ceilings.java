package org.saddlepoint.gpusuite;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;

/**
 * What the device can do at most, measured on it in the same run.
 *
 * @param flops float32 operations a second in independent multiply-adds
 * @param bandwidth bytes a second that a copy within the device reads and writes
 */
record Ceilings(double flops, double bandwidth) {
    static Ceilings measure(Device device, Sizes sizes) {
        try (BufferArena arena = device.arena()) {
            Buffer from = arena.floats(sizes.copyLength());
            Buffer to = arena.floats(sizes.copyLength());
            device.operations().fill(sizes.copyLength(), 0.5f, from);
            Timing copy = Timing.of(sizes, to, () -> device.operations().copy(sizes.copyLength(), from, to));
            return new Ceilings(device.measurePeakFlops(), 2.0 * Float.BYTES * sizes.copyLength() / copy.fastest());
        }
    }
}
