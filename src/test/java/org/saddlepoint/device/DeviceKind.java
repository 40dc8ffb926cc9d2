package org.saddlepoint.device;

import org.junit.jupiter.api.Assumptions;

/** The kinds of device that must agree with the reference: another device joins by a row of its own. */
public enum DeviceKind {
    CPU_PORTABLE("cpu", "portable"),
    CPU_AVX2("cpu", "avx2"),
    CPU_AVX512("cpu", "avx512"),
    CPU_AVX512_BF16("cpu", "avx512_bf16");

    private static final String LEVEL = "SADDLEPOINT_CPU_LEVEL";

    private final String device;
    private final String level;

    DeviceKind(String device, String level) {
        this.device = device;
        this.level = level;
    }

    /** Opens it; aborts the test where this machine has no such device. */
    public Device open(int threads) {
        String before = System.getProperty(LEVEL);
        System.setProperty(LEVEL, level);
        try {
            return Device.open(device, new DeviceOptions(threads));
        } catch (IllegalArgumentException e) {
            return Assumptions.abort(this + " cannot be tested here: " + e.getMessage());
        } finally {
            if (before == null) {
                System.clearProperty(LEVEL);
            } else {
                System.setProperty(LEVEL, before);
            }
        }
    }
}
