package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceException;
import org.saddlepoint.device.OutOfDeviceMemoryException;
import org.saddlepoint.device.Precision;
import org.saddlepoint.evaluate.Evaluation;
import org.saddlepoint.evaluate.Robustness;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.train.AdversarialTraining;
import org.saddlepoint.train.Training;

/** Whatever fails in the middle of a whole piece of work: a clear exception, nothing left behind, no hang. */
@Tag("cuda")
@Tag("emulated")
@Timeout(60)
class FaultsTest {
    private static final Model MODEL = Model.sequential(dense(Blobs.FEATURES, 24), relu(), dense(24, Blobs.CLASSES));
    private static final Dataset DATA = Blobs.bytes(32, 1);
    private static final Pgd ATTACK = Pgd.linf(0.1).steps(2).build();

    private static final Pgd HALF =
            Pgd.l2(0.5).steps(2).restarts(2).precision(Precision.BF16).build();

    private static Training training() {
        return AdversarialTraining.with(ATTACK).batchSize(16).epochs(1);
    }

    /** Two batches of training, and an evaluation with two attacks. */
    private static Robustness work(Device device) {
        try (Classifier classifier = training().fit(MODEL, DATA, device)) {
            return Evaluation.of(classifier)
                    .clean()
                    .against(ATTACK, HALF)
                    .batchSize(16)
                    .on(DATA);
        }
    }

    @Test
    void theDeviceAndTheDriverCountTheSameInATrainingAndAnEvaluation() {
        try (CudaDevice device = Emulated.open()) {
            CudaCounters ours = device.driver().counters();
            CudaCounters theirs = Emulated.counters();
            assertThat(work(device).clean()).isNotNull();
            CudaCounters added = device.driver().counters().since(ours);
            assertThat(added).isEqualTo(Emulated.counters().since(theirs));
            assertThat(added.graphLaunches()).isEqualTo(2);
            assertThat(added.allocations()).isEqualTo(added.frees()).isPositive();
        }
    }

    @Test
    void anAllocationFailingAnywhereIsToldInNumbersAndLeavesNothingBehind() {
        Emulated.hardware();
        long live = Emulated.liveAllocations();
        long leaked = Emulated.leakedAllocations();
        int failed = 0;
        while (workFails(failed + 1)) {
            failed++;
            assertThat(Emulated.liveAllocations()).as("failure %d", failed).isEqualTo(live);
            assertThat(Emulated.leakedAllocations()).as("failure %d", failed).isEqualTo(leaked);
        }
        // Of the device, the classifier, the training and the evaluation.
        assertThat(failed).isGreaterThan(40);
        assertThat(Emulated.leakedAllocations()).isEqualTo(leaked);
    }

    /** Whether the k-th allocation was one of those that are made. */
    private static boolean workFails(int k) {
        AtomicReference<OutOfDeviceMemoryException> failure = new AtomicReference<>();
        Emulated.with("EMU_FAIL_ALLOC", k, () -> {
            try (CudaDevice device = Emulated.open()) {
                long live = Emulated.liveAllocations();
                try {
                    work(device);
                } catch (OutOfDeviceMemoryException e) {
                    failure.set(e);
                    // What kernels keep between launches stays until the device is closed.
                    assertThat(Emulated.liveAllocations()).as("failure %d", k).isBetween(live, live + 1);
                    work(device); // it goes on
                }
            } catch (OutOfDeviceMemoryException e) {
                failure.set(e); // while it was opened
            }
        });
        OutOfDeviceMemoryException e = failure.get();
        if (e != null) {
            assertThat(e).as("failure %d", k).hasMessageContainingAll("cuda:0", "asked for", "free", "of 4096.0 MiB");
            assertThat(e.getSuppressed()).isEmpty();
        }
        return e != null;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 17, 30})
    void aKernelFailingAnywhereIsToldAndTheNextDeviceIsSound(int k) {
        Emulated.hardware();
        long leaked = Emulated.leakedAllocations();
        Emulated.with("EMU_FAIL_LAUNCH", k, () -> {
            try (CudaDevice device = Emulated.open()) {
                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(() -> work(device))
                        .withMessageContainingAll("CUDA_ERROR_LAUNCH_FAILED (719)", "closed and opened again")
                        .matches(DeviceException::mustReopen);
            }
        });
        try (CudaDevice device = Emulated.open()) {
            assertThat(work(device).clean()).isNotNull();
        }
        assertThat(Emulated.liveAllocations()).isZero();
        assertThat(Emulated.leakedAllocations()).isGreaterThanOrEqualTo(leaked); // what a lost context takes along
    }

    @Test
    void aDeviceThatIsClosedDuringATrainingEndsIt() throws InterruptedException {
        CudaDevice device = Emulated.open();
        long leaked = Emulated.leakedAllocations();
        CountDownLatch working = new CountDownLatch(5);
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                Training endless = training().epochs(1_000_000).onBatch(progress -> working.countDown());
                endless.fit(MODEL, DATA, device).close();
            } catch (Throwable e) {
                end.set(e);
            }
        });
        thread.start();
        working.await();
        device.close();
        thread.join();
        assertThat(end.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        assertThat(Emulated.leakedAllocations()).isEqualTo(leaked);
    }

    @Test
    void aTruncatedFatbinIsRefusedBeforeTheDriverReadsBeyondIt() {
        byte[] image = Objects.requireNonNull(KernelModule.image());
        CudaDriver driver = new CudaDriver(Emulated.hardware(), new CudaSwitches(false, false, false));
        for (int length : new int[] {0, 1, 15, 16, 17, 47, 100, 5000, image.length / 2, image.length - 1}) {
            byte[] part = Arrays.copyOf(image, length);
            assertThatExceptionOfType(DeviceException.class)
                    .as("%d bytes", length)
                    .isThrownBy(() -> new KernelModule(driver, part))
                    .withMessageContainingAll("cannot be loaded for sm_90", "damaged")
                    .matches(e -> !e.mustReopen());
        }
        driver.close();
    }

    /** Where a flipped bit does not matter to the driver, the kernels are there; else it is said. */
    @Test
    void aFlippedBitNeverEndsTheProcess() {
        byte[] image = Objects.requireNonNull(KernelModule.image());
        CudaDriver driver = new CudaDriver(Emulated.hardware(), new CudaSwitches(false, false, false));
        Random random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 60; i++) {
            // All over the first headers, then anywhere.
            int bit = i < 40 ? i * 16 + random.nextInt(16) : random.nextInt(image.length) * 8;
            image[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                KernelModule module = new KernelModule(driver, image);
                assertThat(module.kernel("fill_nothing_of_that_name")).isNotNull();
                driver.run(module::release);
            } catch (DeviceException e) {
                assertThat(e).hasMessageContaining("cannot be loaded for sm_90").matches(it -> !it.mustReopen());
                refused++;
            }
            image[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertThat(refused).isGreaterThan(10);
        driver.close();
        try (CudaDevice device = Emulated.open();
                BufferArena arena = device.arena()) {
            assertThat(arena.floats(1).floats(1)).containsExactly(0f);
        }
    }
}
