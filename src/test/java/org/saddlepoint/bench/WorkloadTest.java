package org.saddlepoint.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Precision;
import org.saddlepoint.reference.Values;

class WorkloadTest {
    /** 4 K M + 4 M + 2 (M - M1): M = 784*128 + 128*10, or 784*512 + 512*256 + 256*10, or with convolutions. */
    @ParameterizedTest
    @CsvSource({"0, W1, 2035200", "1, W2, 4474368", "2, W3, 88013824", "3, W4, 2303473664", "4, W5, 470798336"})
    void operationsAreCounted(int index, String name, long expected) {
        Workload workload = Workload.ALL.get(index);
        assertThat(workload.name()).isEqualTo(name);
        assertThat(workload.flopPerSample()).isEqualTo(expected);
    }

    @Test
    void aShortRunGivesRates() {
        Workload workload = Workload.ALL.getFirst();
        try (Device device = Device.cpu(2)) {
            WorkloadRun run = WorkloadRun.of(workload, device, Precision.FLOAT32, 0.01, 3);
            assertThat(run.samplesPerSecond()).hasSize(3).allMatch(rate -> rate > 0 && Double.isFinite(rate));
            assertThat(run.slowest()).isLessThanOrEqualTo(run.median());
            assertThat(run.median()).isLessThanOrEqualTo(run.fastest());
            assertThat(run.flops()).isEqualTo(run.median() * 2_035_200);
        }
    }

    @Test
    void theMedianIsTheMiddle() {
        Workload workload = Workload.ALL.getFirst();
        assertThat(new WorkloadRun(workload, Precision.FLOAT32, List.of(9.0, 1.0, 4.0)).median())
                .isEqualTo(4);
        WorkloadRun even = new WorkloadRun(workload, Precision.FLOAT32, List.of(9.0, 1.0, 4.0, 6.0));
        assertThat(even.median()).isEqualTo(5);
        assertThat(even.slowest()).isEqualTo(1);
        assertThat(even.fastest()).isEqualTo(9);
    }

    /** A ceiling that a product breaks is none. Both are the best of rounds taken in turn; clocks may move by 3 percent. */
    @Test
    void noProductIsFasterThanThePeak() {
        int n = 256;
        int in = 784;
        int out = 128;
        double peak = 0;
        double best = 0;
        try (Device device = Device.cpu(1);
                BufferArena arena = device.arena()) {
            Operations operations = device.operations();
            Buffer x = filled(arena, n * in);
            Buffer weights = filled(arena, in * out);
            Buffer bias = filled(arena, out);
            Buffer prepared = arena.floats(operations.preparedLength(in, out));
            Buffer y = arena.floats((long) n * out);
            operations.prepareDense(in, out, weights, prepared);
            for (int round = 0; round < 3; round++) {
                peak = Math.max(peak, device.measurePeakFlops());
                for (int i = 0; i < 200; i++) {
                    long started = System.nanoTime();
                    operations.denseForward(n, in, out, x, weights, prepared, bias, Activation.IDENTITY, y);
                    best = Math.max(best, 2e9 * n * in * out / (System.nanoTime() - started));
                }
            }
        }
        assertThat(peak).isGreaterThanOrEqualTo(best / 1.03);
    }

    private static Buffer filled(BufferArena arena, int length) {
        Buffer buffer = arena.floats(length);
        buffer.write(Values.uniform(new Random(length), length, -1, 1));
        return buffer;
    }
}
