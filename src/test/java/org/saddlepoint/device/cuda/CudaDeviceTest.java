package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.saddlepoint.device.Device;

/** What a device says of itself. */
@Tag("cuda")
class CudaDeviceTest {
    @Test
    void itNamesAllThatResultsDependOn() {
        try (Device device = Emulated.byName()) {
            assertThat(device.name()).isEqualTo("cuda:0");
            assertThat(device.hardware()).containsIgnoringCase("emulated");
            assertThat(device.threads()).isEqualTo(1);
            assertThat(device.properties())
                    .containsKeys("kind", "level", "driver", "jcuda", "provider", "precisions", "memory")
                    .containsEntry("kind", "cuda")
                    .containsEntry("provider", "own");
            assertThat(device.properties().get("level")).startsWith("sm_");
        }
    }

    @Test
    void itMeasuresItsPeakAndLeavesNothingBehind() {
        try (Device device = Emulated.byName()) {
            long live = Emulated.liveAllocations();
            assertThat(device.measurePeakFlops()).isPositive();
            assertThat(Emulated.liveAllocations()).isEqualTo(live);
        }
    }
}
