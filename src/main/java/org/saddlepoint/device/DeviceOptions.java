package org.saddlepoint.device;

/**
 * How to open a device.
 *
 * @param threads worker threads of the CPU device, the caller's included; 0: one a core
 * @param provider whose products are used: {@link #OWN}, or a library that the device can call
 */
public record DeviceOptions(int threads, String provider) {
    /** The device's own kernels: results repeat bit for bit. */
    public static final String OWN = "own";

    /** All cores, own kernels. */
    public static final DeviceOptions DEFAULT = new DeviceOptions(0);

    /** Checks the thread count. */
    public DeviceOptions {
        if (threads < 0 || threads > 1024) {
            throw new IllegalArgumentException("threads is " + threads + ": it must lie in 0..1024 (0: one a core)");
        }
    }

    /**
     * Own kernels.
     *
     * @param threads worker threads of the CPU device, the caller's included; 0: one a core
     */
    public DeviceOptions(int threads) {
        this(threads, OWN);
    }
}
