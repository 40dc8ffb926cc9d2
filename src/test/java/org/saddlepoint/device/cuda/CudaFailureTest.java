package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceException;
import org.saddlepoint.device.OutOfDeviceMemoryException;
import org.saddlepoint.device.Replay;
import org.saddlepoint.model.BoundModel;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;

/** Failures of the driver: what the exception says, and that nothing is left behind. */
@Tag("cuda")
class CudaFailureTest {
    @Test
    void aFailedKernelMakesTheDeviceUselessUntilItIsReopened() {
        CudaDevice device = Emulated.open();
        BufferArena arena = device.arena();
        Buffer x = arena.floats(10);
        Emulated.with("EMU_FAIL_LAUNCH", 1, () -> {
            device.operations().activate(10, x, Activation.IDENTITY, x);
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> x.floats(1))
                    .withMessageContainingAll(
                            "CUDA_ERROR_LAUNCH_FAILED (719)",
                            "cuda:0",
                            "activation_forward",
                            "SADDLEPOINT_CUDA_SYNC",
                            "closed and opened again")
                    .matches(DeviceException::mustReopen);
        });
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> device.operations().fill(1, 1f, x))
                .withMessageContainingAll("failed earlier", "closed and opened again");
        assertThatExceptionOfType(DeviceException.class).isThrownBy(device::arena);
        arena.close();
        device.close();
        try (CudaDevice again = Emulated.open();
                BufferArena fresh = again.arena()) {
            assertThat(fresh.floats(3).floats(3)).containsOnly(0f);
        }
    }

    @Test
    void theSwitchThatWaitsNamesTheKernelWithItsSizes() {
        try (CudaDevice device = Emulated.open(new CudaSwitches(true, false, true));
                BufferArena arena = device.arena()) {
            Buffer x = arena.floats(10);
            Emulated.with("EMU_FAIL_LAUNCH", 2, () -> {
                device.operations().activate(10, x, Activation.IDENTITY, x);
                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(() -> device.operations().argMax(2, 5, x, arena.ints(2)))
                        .withMessageContainingAll("running arg_max", "CUDA_ERROR_LAUNCH_FAILED");
            });
        }
    }

    @Test
    void aFailureInsideARecordedStepIsToldByTheNextWait() {
        try (CudaDevice device = Emulated.open();
                BufferArena arena = device.arena();
                Replay replay = device.operations().replay()) {
            Buffer x = arena.floats(10);
            Runnable step = () -> device.operations().activate(10, x, Activation.IDENTITY, x);
            replay.run("step", step);
            x.floats(1);
            Emulated.with(
                    "EMU_FAIL_LAUNCH",
                    3,
                    () -> assertThatExceptionOfType(DeviceException.class)
                            .isThrownBy(() -> {
                                for (int i = 0; i < 1000; i++) {
                                    replay.run("step", step);
                                }
                            })
                            .withMessageContaining("a graph"));
        }
    }

    @Test
    void anAllocationFailingAtEachPlaceInTurnLeavesNothingBehind() {
        Emulated.hardware();
        Model model = Model.sequential(dense(5, 7), relu(), dense(7, 3));
        int failed = 0;
        try (Device device = Emulated.byName()) {
            long live = Emulated.liveAllocations();
            for (int k = 1; bindingFails(model, device, k); k++) {
                assertThat(Emulated.liveAllocations()).as("failure %d", k).isEqualTo(live);
                failed++;
            }
            assertThat(Emulated.liveAllocations()).isEqualTo(live);
        }
        assertThat(failed).isGreaterThan(8);
    }

    /** Whether the k-th allocation was one of those that a model makes. */
    private static boolean bindingFails(Model model, Device device, int k) {
        AtomicBoolean failed = new AtomicBoolean();
        Emulated.with("EMU_FAIL_ALLOC", k, () -> {
            try (Classifier classifier = Classifier.initialize(model, device, 1);
                    BoundModel bound = classifier.bind(4)) {
                assertThat(bound.batch()).isEqualTo(4);
            } catch (OutOfDeviceMemoryException e) {
                assertThat(e).hasMessageContainingAll("asked for", "free");
                failed.set(true);
            }
        });
        return failed.get();
    }

    @Test
    void aDamagedFatbinIsRefusedWithAReason() {
        byte[] image = Objects.requireNonNull(KernelModule.image());
        CudaDriver driver = new CudaDriver(Emulated.hardware(), new CudaSwitches(false, false, false));
        byte[] damaged = image.clone();
        damaged[0] ^= 1;
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> new KernelModule(driver, damaged))
                .withMessageContainingAll("cannot be loaded", "damaged", "CUDA_ERROR");
        driver.close();
    }

    @Test
    void anArchitectureWithoutKernelsIsNamedWithThoseThatAreInside() {
        CudaDriver driver = new CudaDriver(Emulated.hardware(), new CudaSwitches(false, false, false));
        byte[] image = Objects.requireNonNull(KernelModule.image());
        assertThat(KernelModule.architectures(image)).contains("sm_90");
        // The same file, all of it said to be for another architecture.
        ByteBuffer other = ByteBuffer.wrap(image.clone()).order(ByteOrder.LITTLE_ENDIAN);
        for (long at = 16; at + 32 <= image.length; ) {
            int entry = (int) at;
            other.putInt(entry + 28, 75);
            at += other.getInt(entry + 4) + other.getLong(entry + 8);
        }
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> new KernelModule(driver, other.array()))
                .withMessageContainingAll(
                        "cannot be loaded for " + Emulated.hardware().architecture(),
                        "inside are",
                        "_75",
                        "CUDA_ERROR_NO_BINARY_FOR_GPU (209)");
        driver.close();
    }

    @Test
    void nothingOfJcudaIsLeftInTheTemporaryDirectory() throws Exception {
        Emulated.open().close();
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("libJCuda"));
        }
    }
}
