package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.OutOfDeviceMemoryException;

@Tag("cuda")
class CudaBufferTest {
    private final CudaDevice device = Emulated.open();
    private final long leaked = Emulated.leakedAllocations();
    private final BufferArena arena = device.arena();

    @AfterEach
    void close() {
        arena.close();
        device.close();
        assertThat(Emulated.leakedAllocations()).isEqualTo(leaked);
    }

    @Test
    void freshMemoryIsZero() {
        assertThat(arena.floats(70).floats(70)).containsOnly(0f);
        assertThat(arena.ints(1).ints(1)).containsExactly(0);
    }

    @Test
    void valuesComeBackWhateverTheirNumber() {
        // Around the pinned buffers' size of 4 MiB, and three of them.
        for (int length : new int[] {0, 1, 3, 1 << 20, (1 << 20) + 1, (3 << 20) + 17}) {
            float[] values = new float[length];
            int[] integers = new int[length];
            Random random = new Random(length);
            for (int i = 0; i < length; i++) {
                values[i] = random.nextFloat();
                integers[i] = random.nextInt();
            }
            Buffer floats = arena.floats(length);
            Buffer ints = arena.ints(length);
            floats.write(values);
            ints.write(integers);
            assertThat(floats.floats(length)).isEqualTo(values);
            assertThat(ints.ints(length)).isEqualTo(integers);
        }
    }

    @Test
    void aPartOfAnArrayGoesToAPartOfABuffer() {
        Buffer buffer = arena.floats(6);
        buffer.slice(2, 3).write(new float[] {1, 2, 3, 4, 5}, 1, 2);
        assertThat(buffer.floats(6)).containsExactly(0, 0, 2, 3, 0, 0);
        float[] target = new float[4];
        buffer.slice(1, 5).read(target, 1, 3);
        assertThat(target).containsExactly(0, 0, 2, 3);
        assertThat(buffer.slice(1, 5).slice(4, 1).length()).isEqualTo(1);
    }

    @Test
    void transfersOutsideABufferAreRefused() {
        Buffer buffer = arena.floats(3);
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> buffer.write(new float[4]));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> buffer.floats(4));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> buffer.write(new float[2], 1, 2));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> buffer.slice(2, 2));
    }

    @Test
    void aWriteIsSeenByTheNextKernelAndAReadByNoLaterOne() {
        Buffer x = arena.floats(1);
        Buffer y = arena.floats(1);
        for (int i = 0; i < 100; i++) {
            x.write(new float[] {i});
            device.operations().activate(1, x, Activation.IDENTITY, y);
            if (i % 7 == 0) {
                assertThat(y.floats(1)).containsExactly(i);
            }
        }
    }

    @Test
    void hostMemoryIsWrappedAsACopy() {
        FloatBuffer values = ByteBuffer.allocateDirect(20)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer()
                .put(new float[] {1, 2, 3, 4, 5})
                .flip()
                .position(1);
        Buffer buffer = arena.wrap(values);
        assertThat(buffer.length()).isEqualTo(4);
        assertThat(buffer.floats(4)).containsExactly(2, 3, 4, 5);
        assertThatIllegalArgumentException().isThrownBy(() -> arena.wrap(FloatBuffer.allocate(3)));
    }

    @Test
    void typesAndLengthsAreCheckedInTheWordsOfTheCpuDevice() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> device.operations().argMax(3, 4, arena.floats(11), arena.ints(3)))
                .withMessage("logits holds 11 float32 where 12 are needed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> arena.ints(3).write(new float[3]))
                .withMessage("a buffer of int32 was given where float32 is needed");
        assertThatIllegalArgumentException().isThrownBy(() -> arena.floats(-1));
        try (Device cpu = Device.cpu(1);
                BufferArena other = cpu.arena()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.operations().argMax(1, 2, other.floats(2), arena.ints(1)))
                    .withMessage("logits is not a buffer of a CUDA device");
        }
    }

    @Test
    void aBufferOfAnotherOpeningOfTheGpuIsRefused() {
        Buffer own = arena.floats(8);
        Buffer indices = arena.ints(1);
        try (CudaDevice second = Emulated.open();
                BufferArena elsewhere = second.arena()) {
            Buffer foreign = elsewhere.floats(8);
            assertThatThrownBy(() -> device.operations().copy(8, foreign, own))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a buffer of another CUDA device was given to cuda:0");
            assertThatThrownBy(() -> device.operations().argMax(1, 8, foreign, indices))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(own.floats(8)).containsOnly(0f);
    }

    @Test
    void aClosedBufferSaysSo() {
        BufferArena other = device.arena();
        Buffer buffer = other.floats(5);
        Buffer part = buffer.slice(1, 2);
        other.close();
        other.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> device.operations().fill(5, 1f, buffer))
                .withMessage("this buffer of 5 float32 is closed");
        assertThatIllegalStateException().isThrownBy(() -> part.floats(2));
        assertThatIllegalStateException().isThrownBy(() -> part.write(new float[2]));
        assertThatIllegalStateException().isThrownBy(() -> other.floats(1)).withMessage("this arena is closed");
    }

    @Test
    void aClosedDeviceSaysSo() {
        CudaDevice other = Emulated.open();
        BufferArena its = other.arena();
        Buffer empty = its.floats(0);
        its.close();
        other.close();
        other.close();
        its.close();
        assertThatIllegalStateException().isThrownBy(other::arena).withMessage("the device cuda:0 is closed");
        assertThatIllegalStateException().isThrownBy(() -> other.operations().fill(0, 1f, empty));
    }

    @Test
    void memoryThatIsNotThereIsToldInNumbers() {
        assertThatThrownBy(() -> arena.floats(1L << 40))
                .isInstanceOf(OutOfDeviceMemoryException.class)
                .hasMessageContainingAll("1099511627776 float32", "asked for 4194304.0 MiB", "free", "of 4096.0 MiB")
                .cause()
                .hasMessageContaining("CUDA_ERROR_OUT_OF_MEMORY (2)");
        assertThat(arena.floats(3).floats(3)).containsOnly(0f);
        assertThat(device.freeMemory().orElseThrow()).isBetween(1L << 30, 1L << 32);
    }

    @Test
    void poisonLeavesContentsAlone() {
        try (CudaDevice poisoned = Emulated.open(new CudaSwitches(false, true, false));
                BufferArena its = poisoned.arena()) {
            assertThat(its.floats(70).floats(70)).containsOnly(0f);
            Buffer bytes = its.allocate(ElementType.UINT8, 3);
            bytes.write(new byte[] {1, 2, 3}, 0, 3);
        }
    }
}
