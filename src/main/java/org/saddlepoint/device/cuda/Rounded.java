package org.saddlepoint.device.cuda;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.saddlepoint.device.Precision;

/** The forms of a dense kernel by the format of its operands: float32, and those with a suffix. */
final class Rounded {
    private final Map<Precision, Kernel> kernels = new EnumMap<>(Precision.class);

    Rounded(KernelModule module, String stem) {
        for (Precision precision : Precision.values()) {
            String suffix = precision == Precision.FLOAT32
                    ? ""
                    : "_" + precision.label().toLowerCase(Locale.ROOT);
            kernels.put(precision, module.kernel(stem + suffix));
        }
    }

    Kernel at(Precision precision) {
        return Objects.requireNonNull(kernels.get(precision));
    }
}
