package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Readback;
import org.saddlepoint.device.Replay;

/** What the device says it asked for is what the driver was asked for. */
@Tag("cuda")
class CudaCountersTest {
    @Test
    void theDeviceAndTheDriverAgree() {
        try (CudaDevice device = Emulated.open()) {
            CudaCounters ours = device.driver().counters();
            CudaCounters theirs = Emulated.counters();
            Operations operations = device.operations();
            try (BufferArena arena = device.arena()) {
                Buffer x = arena.floats(1000);
                Buffer y = arena.floats(1000);
                x.write(new float[1000]);
                operations.fill(1000, 3f, x);
                operations.activate(1000, x, new Activation(Activation.Kind.RELU, 0f), y);
                operations.copy(500, y, x);
                y.floats(10);
                try (Replay replay = operations.replay()) {
                    for (int i = 0; i < 100; i++) {
                        replay.run("step", () -> {
                            operations.activate(1000, x, Activation.IDENTITY, y);
                            operations.copy(500, y, x);
                        });
                    }
                    for (int i = 0; i < 3; i++) {
                        replay.run("reads", () -> {
                            operations.fill(7, 1f, y);
                            y.floats(1);
                        });
                    }
                }
                try (Readback readback = operations.readback(y)) {
                    readback.request(5);
                    readback.all(7);
                }
            }
            CudaCounters added = device.driver().counters().since(ours);
            assertThat(added).isEqualTo(Emulated.counters().since(theirs));
            assertThat(added.launches()).isEqualTo(1);
            assertThat(added.graphLaunches()).isEqualTo(101);
            assertThat(added.allocations()).isEqualTo(3).isEqualTo(added.frees());
            assertThat(added.bytesToDevice()).isEqualTo(4000);
            assertThat(added.bytesFromDevice()).isEqualTo(40 + 3 * 4 + 20 + 28);
        }
    }

    @Test
    void openingAndClosingAgreeToo() {
        Emulated.hardware();
        CudaCounters before = Emulated.counters();
        CudaDevice device = Emulated.open();
        device.close();
        assertThat(device.driver().counters()).isEqualTo(Emulated.counters().since(before));
    }
}
