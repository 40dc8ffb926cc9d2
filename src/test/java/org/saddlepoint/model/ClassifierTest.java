package org.saddlepoint.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.saddlepoint.device.Device;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.reference.Values;

/** The classifier as its users meet it: several threads, every kind of buffer, and what it refuses. */
class ClassifierTest {
    private static final int D = 30;
    private static final int N = 700; // more than two chunks, the last of them ragged

    private final Device device = Device.cpu(2);
    private final Model model = Model.sequential(dense(D, 33), relu(), dense(33, 4));
    private final Classifier classifier = Classifier.initialize(model, device, 1);
    private final float[] x = Values.uniform(new Random(1), N * D, 0, 1);
    private final int[] labels = Values.below(new Random(2), N, 4);

    @AfterEach
    void close() {
        classifier.close();
        device.close();
    }

    @Test
    void eightThreadsAtOnceGetTheBitsOfOne() throws Exception {
        float[] logits = classifier.logits(x);
        Classifier.LossGradient gradient = classifier.lossGradient(x, labels, Losses.CROSS_ENTROPY);
        Callable<Void> task = () -> {
            for (int i = 0; i < 20; i++) {
                assertThat(classifier.logits(x)).containsExactly(logits);
                assertThat(classifier
                                .lossGradient(x, labels, Losses.CROSS_ENTROPY)
                                .gradient())
                        .containsExactly(gradient.gradient());
            }
            return null;
        };
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Void>> running = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                running.add(threads.submit(task));
            }
            for (Future<Void> one : running) {
                one.get();
            }
        }
    }

    @Test
    void everyKindOfBufferGivesTheSameBits() {
        float[] logits = classifier.logits(x);
        int[] classes = classifier.predict(x);
        Classifier.LossGradient gradient = classifier.lossGradient(x, labels, Losses.MARGIN);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment segment = arena.allocateFrom(ValueLayout.JAVA_FLOAT, x);
            ByteBuffer direct = ByteBuffer.allocateDirect(4 * x.length + 4).order(ByteOrder.nativeOrder());
            FloatBuffer shifted =
                    direct.slice(4, 4 * x.length).order(ByteOrder.nativeOrder()).asFloatBuffer();
            shifted.put(x).flip();
            FloatBuffer foreign = ByteBuffer.allocateDirect(4 * x.length).asFloatBuffer(); // big endian
            foreign.put(x).flip();
            List<FloatBuffer> buffers = List.of(
                    FloatBuffer.wrap(x),
                    FloatBuffer.wrap(x).asReadOnlyBuffer(),
                    shifted,
                    shifted.asReadOnlyBuffer(),
                    foreign,
                    segment.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer());
            for (FloatBuffer buffer : buffers) {
                assertThat(classifier.logits(buffer)).containsExactly(logits);
                assertThat(classifier.predict(buffer)).containsExactly(classes);
                assertThat(classifier
                                .lossGradient(buffer, labels, Losses.MARGIN)
                                .gradient())
                        .containsExactly(gradient.gradient());
                assertThat(buffer.position()).isZero();
            }
        }
    }

    @Test
    void aBuffersPositionAndLimitAreHeeded() {
        FloatBuffer buffer = FloatBuffer.wrap(x).position(2 * D).limit(5 * D);
        float[] part = java.util.Arrays.copyOfRange(x, 2 * D, 5 * D);
        assertThat(classifier.logits(buffer)).containsExactly(classifier.logits(part));
    }

    @Test
    void initialWeightsFollowFromTheSeed() {
        try (Classifier same = Classifier.initialize(model, device, 1);
                Classifier other = Classifier.initialize(model, device, 2)) {
            assertThat(same.parameters()).containsExactly(classifier.parameters());
            assertThat(other.parameters()).isNotEqualTo(classifier.parameters());
        }
    }

    @Test
    void wrongLengthsAndLabelsAreRefusedInWords() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> classifier.logits(new float[31]))
                .withMessage("31 values are no whole number of inputs of 30 values");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> classifier.lossGradient(new float[60], new int[1], Losses.MARGIN))
                .withMessage("1 labels were given for 2 examples");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> classifier.lossGradient(new float[60], new int[] {0, 4}, Losses.MARGIN))
                .withMessage("label 4 of example 1 is outside 0..3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Classifier.of(model, device, new float[3]))
                .withMessageContaining("3 parameters were given");
    }

    @Test
    void aClosedClassifierSaysSo() {
        Classifier closed = Classifier.initialize(model, device, 1);
        closed.logits(x);
        closed.close();
        closed.close();
        assertThatIllegalStateException().isThrownBy(() -> closed.logits(x)).withMessage("this classifier is closed");
        assertThatIllegalStateException()
                .isThrownBy(() -> closed.predict(FloatBuffer.wrap(x)))
                .withMessage("this classifier is closed");
        assertThatIllegalStateException().isThrownBy(() -> closed.bind(1)).withMessage("this classifier is closed");
        assertThatIllegalStateException().isThrownBy(closed::parameters).withMessage("this classifier is closed");
    }

    @Test
    void aClassifierInUseIsNotClosed() {
        try (BoundModel bound = classifier.bind(1)) {
            assertThatIllegalStateException()
                    .isThrownBy(classifier::close)
                    .withMessageContaining("in use by 1 bound model");
            assertThat(bound.batch()).isEqualTo(1);
        }
        assertThat(classifier.logits(x)).hasSize(N * 4);
    }

    @Test
    void aBatchLargerThanTheBoundOneIsRefused() {
        try (BoundModel bound = classifier.bind(2);
                var arena = device.arena()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> bound.forward(3, arena.floats(3 * D)))
                    .withMessage("a batch of 3 was given to a model bound for 2");
        }
    }
}
