package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Cursor;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Operations.AdamSettings;
import org.saddlepoint.device.Operations.SgdSettings;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.Recurrence;
import org.saddlepoint.device.Replay;

/** Work that is recorded once and repeated: the same results as when it is done anew, at the cost of one launch. */
@Tag("cuda")
class StepGraphTest {
    private final CudaDevice device = Emulated.open();
    private final long leaked = Emulated.leakedAllocations();
    private final Operations operations = device.operations();
    private final BufferArena arena = device.arena();
    private final Replay replay = operations.replay();

    @AfterEach
    void close() {
        replay.close();
        arena.close();
        device.close();
        assertThat(Emulated.leakedAllocations()).isEqualTo(leaked);
    }

    @Test
    void normalisationDropoutAndRecurrenceAreRecordedAndDropoutFollowsTheEpoch() {
        int n = 6;
        Recurrence shape = new Recurrence(Recurrence.Kind.LSTM, 2, 1, 5);
        int values = shape.steps() * shape.hidden();
        Buffer gates = arena.floats(4L * n * values);
        Buffer states = arena.floats((long) n * values);
        Buffer memory = arena.floats((long) n * values);
        Buffer weights = arena.floats(4L * shape.hidden() * shape.hidden());
        Buffer bias = arena.floats(4L * shape.hidden());
        Buffer indices = arena.ints(n);
        Buffer ofChannels = arena.floats(2L * shape.hidden());
        Buffer kept = arena.floats((long) n * values);
        for (Buffer zero : List.of(gates, weights, indices)) {
            operations.fill(zero.length(), 0f, zero);
        }
        operations.fill(bias.length(), 1f, bias);
        Cursor cursor = operations.cursor(arena, 1);
        RandomStream random = new RandomStream(1, RandomStream.Purpose.DROPOUT, 0);
        Runnable step = () -> {
            operations.sequences().recurrentForward(n, shape, gates, weights, bias, states, memory);
            operations
                    .normalizations()
                    .channelStatistics(
                            (long) n * shape.steps(),
                            shape.hidden(),
                            states,
                            ofChannels,
                            ofChannels.slice(shape.hidden(), shape.hidden()));
            operations.normalizations().dropout(n, values, states, indices, random, cursor, 3, 0.5f, kept);
        };
        cursor.beginEpoch(1, 0, List.of());
        for (int i = 0; i < 3; i++) { // the first finds no workspace yet
            replay.run("step", step);
        }
        for (int epoch = 2; epoch < 5; epoch++) {
            cursor.beginEpoch(epoch, 0, List.of());
            CudaCounters before = device.driver().counters();
            replay.run("step", step);
            assertThat(device.driver().counters().since(before)).isEqualTo(new CudaCounters(0, 1, 0, 0, 0, 0, 0));
            float[] recorded = kept.floats(n * values);
            operations.normalizations().dropout(n, values, states, indices, random.in(cursor), null, 3, 0.5f, kept);
            assertThat(kept.floats(n * values)).isEqualTo(recorded);
        }
    }

    @Test
    void aRepeatedStepIsOneGraphLaunchAndNothingElse() {
        Buffer x = arena.floats(5);
        Buffer y = arena.floats(5);
        Buffer one = arena.floats(5);
        one.write(new float[] {1, 1, 1, 1, 1});
        // x += 1, as a step of SGD against a gradient of -1
        operations.fill(5, -1f, y);
        Runnable step = () -> {
            operations.sgd(5, y, new SgdSettings(1f, 0f, false, 0f), 1, null, x);
            operations.activate(5, x, Activation.IDENTITY, one);
        };
        replay.run("step", step);
        for (int i = 0; i < 40; i++) {
            CudaCounters before = device.driver().counters();
            replay.run("step", step);
            CudaCounters added = device.driver().counters().since(before);
            // Every few steps the queue is looked at; only one that is full is waited for.
            assertThat(added).isEqualTo(new CudaCounters(0, 1, 0, 0, 0, 0, 0));
        }
        assertThat(x.floats(5)).containsOnly(41f);
        assertThat(one.floats(5)).containsOnly(41f);
    }

    @Test
    void theQueueIsBounded() {
        Buffer x = arena.floats(1);
        Runnable step = () -> operations.activate(1, x, Activation.IDENTITY, x);
        CudaCounters before = device.driver().counters();
        for (int i = 0; i < 1000; i++) {
            replay.run("step", step);
        }
        // The emulated driver does nothing before somebody waits: each stretch of 16 launches waits for one long past.
        long waits = device.driver().counters().since(before).synchronisations();
        assertThat(waits).isBetween(1000L / 64 - 2, 1000L / 16);
    }

    @Test
    void aCursorMovesOnEitherSide() {
        Cursor cursor = operations.cursor(arena, 3);
        Buffer order = arena.ints(7);
        order.write(new int[] {6, 5, 4, 3, 2, 1, 0});
        Buffer indices = arena.ints(2);
        Buffer losses = arena.floats(2);
        Buffer predictions = arena.ints(2);
        Buffer epochLosses = arena.floats(7);
        Buffer epochPredictions = arena.ints(7);
        Buffer p = arena.floats(1);
        Buffer gradient = arena.floats(1);
        gradient.write(new float[] {1f});
        for (int epoch = 1; epoch <= 2; epoch++) {
            List<SgdSettings> rates = List.of(rate(1f), rate(10f), rate(100f));
            p.write(new float[1]);
            cursor.beginEpoch(epoch, 3L * (epoch - 1), rates);
            for (int batch = 0; batch < 3; batch++) {
                assertThat(cursor.position()).isEqualTo(2 * batch);
                assertThat(cursor.step()).isEqualTo(3L * (epoch - 1) + batch + 1);
                replay.run(2, () -> {
                    operations.nextBatch(2, order, cursor, indices);
                    operations.copy(2, indices, predictions);
                    operations.optimize(1, gradient, cursor, List.of(), p);
                    operations.endBatch(2, losses, predictions, cursor, epochLosses, epochPredictions);
                });
            }
            assertThat(p.floats(1)).containsExactly(-111f);
            assertThat(epochPredictions.ints(7)).containsExactly(6, 5, 4, 3, 2, 1, 0);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> cursor.beginEpoch(3, 6, List.of(rate(1), rate(1), rate(1), rate(1))));
    }

    private static SgdSettings rate(float rate) {
        return new SgdSettings(rate, 0f, false, 0f);
    }

    @Test
    void adamTakesItsFactorsFromTheCursor() {
        AdamSettings settings = new AdamSettings(0.01f, 0.9f, 0.999f, 1e-8f, 0.1f, true);
        Cursor cursor = operations.cursor(arena, 4);
        cursor.beginEpoch(1, 0, List.of(settings, settings, settings, settings));
        Buffer gradient = arena.floats(3);
        gradient.write(new float[] {1f, -2f, 0.5f});
        Buffer[] recorded = {arena.floats(3), arena.floats(3), arena.floats(3)};
        Buffer[] direct = {arena.floats(3), arena.floats(3), arena.floats(3)};
        Buffer losses = arena.floats(4);
        Buffer predictions = arena.ints(4);
        Runnable recordedStep = () -> {
            operations.optimize(3, gradient, cursor, List.of(recorded[0], recorded[1]), recorded[2]);
            operations.endBatch(1, losses, predictions, cursor, losses, predictions);
        };
        for (int step = 1; step <= 4; step++) {
            replay.run("step", recordedStep);
            operations.adam(3, gradient, settings, step, direct[0], direct[1], direct[2]);
        }
        assertThat(recorded[2].floats(3)).isEqualTo(direct[2].floats(3));
        assertThatIllegalArgumentException()
                .as("the graph would write behind the epoch's buffers")
                .isThrownBy(() -> replay.run("step", recordedStep))
                .withMessage("a batch of 1 examples at position 4 leaves the epoch's buffers, which hold 4");
    }

    @Test
    void workThatReadsIsDoneInItsOrderAndNeverRecorded() {
        Buffer x = arena.floats(1);
        Buffer y = arena.floats(1);
        for (int i = 1; i <= 5; i++) {
            float value = i;
            replay.run("step", () -> {
                operations.fill(1, value, x);
                operations.activate(1, x, Activation.IDENTITY, y);
                assertThat(y.floats(1)).containsExactly(value);
                operations.fill(1, -value, x);
            });
            assertThat(x.floats(1)).containsExactly(-value);
        }
        CudaCounters before = device.driver().counters();
        replay.run("step", () -> operations.activate(1, x, Activation.IDENTITY, y));
        assertThat(device.driver().counters().since(before).launches()).isEqualTo(1);
    }

    @Test
    void workThatFailsWhileItIsRecordedLeavesNothingBehind() {
        Buffer x = arena.floats(1);
        assertThatIllegalStateException()
                .isThrownBy(() -> replay.run("step", () -> {
                    operations.fill(1, 7f, x);
                    throw new IllegalStateException("the work's own");
                }))
                .withMessage("the work's own");
        assertThat(x.floats(1)).containsExactly(0f);
        replay.run("step", () -> operations.fill(1, 8f, x));
        assertThat(x.floats(1)).containsExactly(8f);
    }

    @Test
    void aGraphOfClosedBuffersIsNotLaunched() {
        BufferArena other = device.arena();
        Buffer x = other.floats(1);
        Runnable step = () -> operations.fill(1, 8f, x);
        replay.run("step", step);
        replay.run("step", step);
        other.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> replay.run("step", step))
                .withMessage("a buffer of the recorded work is closed");
    }
}
