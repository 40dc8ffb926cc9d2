package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Readback;
import org.saddlepoint.device.Replay;

/** Closing waits for calls under way; later ones say that it was closed. */
@Tag("cuda")
@Timeout(60)
class CloseDuringWorkTest {
    @RepeatedTest(10)
    void whoComesTooLateIsToldSo() throws InterruptedException {
        CudaDevice device = Emulated.open();
        BufferArena arena = device.arena();
        CountDownLatch working = new CountDownLatch(4);
        List<AtomicReference<Throwable>> ends = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            AtomicReference<Throwable> end = new AtomicReference<>();
            ends.add(end);
            Thread thread = new Thread(() -> {
                try {
                    work(device, arena, number, working);
                } catch (Throwable e) {
                    end.set(e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        working.await();
        arena.close();
        device.close();
        for (Thread thread : threads) {
            thread.join();
        }
        for (AtomicReference<Throwable> end : ends) {
            assertThat(end.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        }
    }

    private static void work(CudaDevice device, BufferArena arena, int number, CountDownLatch working) {
        Operations operations = device.operations();
        Buffer x = arena.floats(300);
        Buffer y = arena.floats(300);
        try (Replay replay = operations.replay();
                Readback readback = operations.readback(x)) {
            for (int i = 0; ; i++) {
                switch (number) {
                    case 0 -> operations.activate(300, x, Activation.IDENTITY, y);
                    case 1 -> x.floats(300);
                    case 2 -> replay.run("step", () -> operations.copy(300, x, y));
                    default -> {
                        x.write(new float[300]);
                        readback.request(5);
                    }
                }
                if (i == 5) {
                    working.countDown();
                }
            }
        }
    }
}
