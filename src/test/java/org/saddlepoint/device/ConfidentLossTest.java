package org.saddlepoint.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.reference.LossReference;
import org.saddlepoint.reference.Values;

/**
 * Cross-entropy of a confident example is tiny and not zero, so that the best of its iterates can be told: 1 + exp(-gap) is
 * 1 in float32 from a gap of 17 on. Relative tolerance: exp to 4 roundings, a sum of 3, and the last rounding.
 */
@Tag("cuda")
class ConfidentLossTest {
    @ParameterizedTest
    @MethodSource("org.saddlepoint.device.DeviceKind#tested")
    void tinyLossesKeepTheirDigits(DeviceKind kind) {
        try (Device device = kind.open(1)) {
            for (int gap = 1; gap <= 80; gap++) {
                float[] z = {-gap, 0f, -gap - 1, -2 * gap};
                try (Bench bench = new Bench(device)) {
                    Buffer loss = bench.floatOutput(1);
                    bench.operations()
                            .loss(LossKind.CROSS_ENTROPY, 1, 4, bench.floats(z), bench.ints(1), 1f, false, loss, null);
                    double expected = LossReference.value(LossKind.CROSS_ENTROPY, Values.widen(z), 1);
                    assertThat(Bench.read(loss)[0]).isCloseTo(expected, Offset.offset(8 * Values.ROUNDOFF * expected));
                }
            }
        }
    }
}
