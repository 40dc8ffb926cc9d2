package org.saddlepoint.device;

/**
 * How to open a device.
 *
 * @param threads worker threads of the CPU device, the caller's included; 0: one a core
 */
public record DeviceOptions(int threads) {
    /** All cores. */
    public static final DeviceOptions DEFAULT = new DeviceOptions(0);

    /** Checks the thread count. */
    public DeviceOptions {
        if (threads < 0 || threads > 1024) {
            throw new IllegalArgumentException("threads is " + threads + ": it must lie in 0..1024 (0: one a core)");
        }
    }
}
