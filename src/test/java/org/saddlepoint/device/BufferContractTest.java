package org.saddlepoint.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.saddlepoint.threat.Norm;

/** What is refused before anything is computed, and in which words. */
class BufferContractTest {
    private final Device device = Device.cpu(1);
    private final Operations operations = device.operations();
    private final BufferArena arena = device.arena();

    @AfterEach
    void close() {
        arena.close();
        device.close();
    }

    @Test
    void aShortBufferIsRefusedWithBothLengths() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> operations.argMax(3, 4, arena.floats(11), arena.ints(3)))
                .withMessage("logits holds 11 float32 where 12 are needed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> operations.argMax(3, 4, arena.floats(12), arena.ints(2)))
                .withMessage("out holds 2 int32 where 3 are needed");
    }

    @Test
    void aBufferOfAnotherTypeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> operations.argMax(3, 4, arena.ints(12), arena.ints(3)))
                .withMessage("a buffer of int32 was given where float32 is needed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> arena.ints(3).write(new float[3]))
                .withMessage("a buffer of int32 was given where float32 is needed");
        assertThatIllegalArgumentException().isThrownBy(() -> operations.copy(3, arena.ints(3), arena.floats(3)));
    }

    @Test
    void aClosedBufferSaysSo() {
        BufferArena other = device.arena();
        Buffer buffer = other.floats(5);
        Buffer part = buffer.slice(1, 2);
        other.close();
        other.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> operations.activate(5, buffer, Activation.IDENTITY, arena.floats(5)))
                .withMessage("this buffer of 5 float32 is closed");
        assertThatIllegalStateException().isThrownBy(() -> part.floats(2)).withMessageContaining("closed");
        assertThatIllegalStateException().isThrownBy(() -> other.floats(1)).withMessage("this arena is closed");
    }

    @Test
    void aClosedDeviceSaysSo() {
        Device other = Device.cpu(2);
        Operations closed = other.operations();
        Buffer buffer = arena.floats(5);
        other.close();
        other.close();
        assertThatIllegalStateException().isThrownBy(other::arena).withMessage("this device is closed");
        assertThatIllegalStateException()
                .isThrownBy(() -> closed.activate(5, buffer, Activation.IDENTITY, buffer))
                .withMessageContaining("losed");
    }

    @Test
    void transfersPastTheEndAreRefused() {
        Buffer buffer = arena.floats(4);
        assertThatThrownBy(() -> buffer.write(new float[5])).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> buffer.floats(5)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> buffer.slice(2, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> buffer.slice(-1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aSliceSharesItsMemory() {
        Buffer buffer = arena.floats(4);
        buffer.slice(1, 2).write(new float[] {5, 6});
        assertThat(buffer.floats(4)).containsExactly(0, 5, 6, 0);
    }

    @Test
    void indicesOutsideTheSourceAreRefused() {
        Buffer indices = arena.ints(2);
        indices.write(new int[] {1, 3});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> operations.gather(2, 2, arena.floats(6), indices, arena.floats(4)))
                .withMessage("index 3 is outside 0..2");
        indices.write(new int[] {-1, 0});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> operations.gatherLabels(2, arena.ints(3), indices, arena.ints(2)))
                .withMessage("index -1 is outside 0..2");
    }

    @Test
    void labelsOutsideTheClassesAreRefused() {
        Buffer labels = arena.ints(2);
        labels.write(new int[] {2, 3});
        for (LossKind kind : LossKind.values()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> operations.loss(
                            kind, 2, 3, arena.floats(6), labels, 1f, false, arena.floats(2), arena.floats(6)))
                    .withMessage("label 3 is outside 0..2");
        }
    }

    @Test
    void aDerivativeWithoutTheActivationsOutputIsRefused() {
        Activation relu = new Activation(Activation.Kind.RELU, 0f);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> operations.denseInputGradient(
                        1, 1, 1, arena.floats(1), arena.floats(1), relu, null, arena.floats(1)))
                .withMessageContaining("needs its output");
    }

    @Test
    void aHeapBufferCannotBeWrapped() {
        assertThatIllegalArgumentException().isThrownBy(() -> arena.wrap(FloatBuffer.allocate(3)));
    }

    @Test
    void aBufferLargerThanTheMemorySaysHowMuchWasAskedFor() {
        assertThatThrownBy(() -> arena.floats(1L << 50))
                .isInstanceOf(OutOfDeviceMemoryException.class)
                .hasMessageContaining(String.valueOf(1L << 50));
        assertThatIllegalArgumentException().isThrownBy(() -> arena.floats(-1));
    }

    @Test
    void nothingIsFineAsWell() {
        operations.argMax(0, 4, arena.floats(0), arena.ints(0));
        operations.project(Norm.L1, 1f, 0, 4, arena.floats(0), arena.floats(0));
        Buffer out = arena.floats(1);
        out.write(new float[] {7});
        operations.sum(0, arena.floats(0), out);
        assertThat(out.floats(1)).containsExactly(0f);
    }

    @Test
    void anUnknownDeviceIsRefusedWithTheChoice() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Device.open("gpu9", DeviceOptions.DEFAULT))
                .withMessageContainingAll("gpu9", "auto", "cpu");
        assertThatIllegalArgumentException().isThrownBy(() -> Device.cpu(-1)).withMessageContaining("threads is -1");
    }
}
