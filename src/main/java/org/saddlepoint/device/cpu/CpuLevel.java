package org.saddlepoint.device.cpu;

import java.util.Arrays;
import java.util.Locale;

/** The instruction sets that the kernels were compiled for, weakest first; the order is that of the native interface. */
enum CpuLevel {
    PORTABLE,
    AVX2,
    AVX512,
    AVX512_BF16;

    /** The debug switch that forces a weaker level. */
    static final String SWITCH = "SADDLEPOINT_CPU_LEVEL";

    static CpuLevel best() {
        try {
            return values()[(int) CpuLibrary.BEST_LEVEL.invokeExact()];
        } catch (Throwable e) {
            throw CpuOperations.unchecked(e);
        }
    }

    /** The level asked for by the debug switch (environment variable, or system property of that name), else the best. */
    static CpuLevel chosen() {
        String wanted = System.getProperty(SWITCH, System.getenv().getOrDefault(SWITCH, ""));
        if (wanted.isEmpty()) {
            return best();
        }
        CpuLevel level = Arrays.stream(values())
                .filter(candidate -> candidate.name().equalsIgnoreCase(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(SWITCH + " is '" + wanted + "': choose one of "
                        + Arrays.toString(values()).toLowerCase(Locale.ROOT)));
        if (level.compareTo(best()) > 0) {
            throw new IllegalArgumentException(SWITCH + " is '" + wanted + "', but this machine's best is "
                    + best().name().toLowerCase(Locale.ROOT));
        }
        return level;
    }
}
