package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Readback;
import org.saddlepoint.device.Replay;
import org.saddlepoint.device.ResidentRows;
import org.saddlepoint.device.RowFeed;
import org.saddlepoint.device.RowSource;

/** Data that is streamed in, and figures that are read beside the kernels. */
@Tag("cuda")
@SuppressWarnings("NullAway") // it does not see in class files which array of a RowSource may be null
class TrainingSupportTest {
    private static final int N = 50;
    private static final int D = 13;
    private static final int BATCH = 8;

    private final CudaDevice device = Emulated.open();
    private final long leaked = Emulated.leakedAllocations();
    private final Operations operations = device.operations();
    private final BufferArena arena = device.arena();

    @AfterEach
    void close() {
        arena.close();
        device.close();
        assertThat(Emulated.leakedAllocations()).isEqualTo(leaked);
    }

    @Test
    void aDataSetThatFitsIsResident() {
        try (RowFeed feed = operations.feed(device.arena(), new RowSource(D, new byte[N * D], null), BATCH)) {
            assertThat(feed).isInstanceOf(ResidentRows.class);
        }
    }

    @Test
    void oneThatDoesNotIsStreamedWithTheSameValues() {
        byte[] bytes = new byte[N * D];
        new Random(1).nextBytes(bytes);
        float[] floats = new float[N * D];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) ((bytes[i] & 0xff) / 255.0);
        }
        streams(new RowSource(D, bytes, null), floats);
        streams(new RowSource(D, null, floats), floats);
    }

    private void streams(RowSource source, float[] expected) {
        AtomicReference<RowFeed> made = new AtomicReference<>();
        // Three quarters of what is free is less than the data set.
        long used = (1L << 32) - device.freeMemory().orElseThrow();
        Emulated.with(
                "EMU_MEMORY", used + source.size(), () -> made.set(operations.feed(device.arena(), source, BATCH)));
        RowFeed feed = made.get();
        assertThat(feed).isInstanceOf(StreamedRows.class);
        Buffer indices = arena.ints(BATCH);
        Buffer out = arena.floats(BATCH * D);
        int[] order = new int[N];
        try (feed;
                Replay replay = operations.replay()) {
            for (int epoch = 1; epoch <= 3; epoch++) {
                for (int i = 0; i < N; i++) {
                    order[i] = (i * 7 + epoch) % N;
                }
                feed.beginEpoch(order);
                Buffer all = arena.floats(N * D);
                for (int from = 0; from < N; from += BATCH) {
                    int n = Math.min(BATCH, N - from);
                    int place = feed.prepare(from, n);
                    replay.run(List.of(place, n), () -> feed.gather(n, place, indices, out));
                    operations.copy((long) n * D, out, all.slice((long) from * D, (long) n * D));
                }
                float[] values = all.floats(N * D);
                for (int i = 0; i < N; i++) {
                    for (int j = 0; j < D; j++) {
                        assertThat(values[i * D + j]).isEqualTo(expected[order[i] * D + j]);
                    }
                }
            }
        }
    }

    @Test
    void aReadbackHoldsTheValuesOfItsMoment() {
        Buffer losses = arena.floats(4);
        Buffer classes = arena.ints(4);
        try (Readback readback = operations.readback(losses);
                Readback ofClasses = operations.readback(classes)) {
            assertThat(readback.latest()).isEmpty();
            losses.write(new float[] {1, 2, 3, 4});
            readback.request(3);
            operations.fill(4, 9f, losses);
            readback.request(2); // one is under way
            losses.floats(1); // by now it has arrived
            assertThat(readback.latest()).containsExactly(1, 2, 3);
            assertThat(readback.all(2)).containsExactly(9, 9);
            assertThat(readback.all(0)).isEmpty();
            classes.write(new int[] {-1, 5, 6, 7});
            assertThat(ofClasses.all(4)).containsExactly(-1, 5, 6, 7);
        }
    }

    @Test
    void aReadbackDoesNotWait() {
        Buffer losses = arena.floats(4);
        try (Readback readback = operations.readback(losses)) {
            CudaCounters before = device.driver().counters();
            for (int i = 0; i < 10; i++) {
                readback.request(4);
                readback.latest();
            }
            assertThat(device.driver().counters().since(before).synchronisations())
                    .isZero();
        }
    }
}
