package org.saddlepoint.device;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The kinds of device that must agree with the reference: another device joins by a row of its own. The property
 * {@code saddlepoint.test.devices} narrows them to those whose names begin with it.
 */
public enum DeviceKind {
    CPU_PORTABLE("cpu", "portable"),
    CPU_AVX2("cpu", "avx2"),
    CPU_AVX512("cpu", "avx512"),
    CPU_AVX512_BF16("cpu", "avx512_bf16"),
    CUDA("cuda", "");

    private static final String LEVEL = "SADDLEPOINT_CPU_LEVEL";

    private final String device;
    private final String level;

    DeviceKind(String device, String level) {
        this.device = device;
        this.level = level;
    }

    /** The kinds that this run is about. */
    public static Stream<DeviceKind> tested() {
        String prefix = System.getProperty("saddlepoint.test.devices", "");
        return Arrays.stream(values()).filter(kind -> kind.name().startsWith(prefix));
    }

    /** Whether its operations round operands to a format. */
    boolean rounds(Precision precision) {
        return precision != Precision.TF32 || this == CUDA;
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
