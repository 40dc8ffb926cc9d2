package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.DeviceOptions;
import org.saddlepoint.device.ImageOperations;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.Start;
import org.saddlepoint.device.Window;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** The opt-in provider of convolutions: the same mathematics through another library. */
@Tag("cuda")
class CudnnProviderTest {
    private static final CudaSwitches NONE = new CudaSwitches(false, false, false);
    private static final int N = 5;
    private static final Activation RELU = new Activation(Activation.Kind.RELU, 0f);

    private static CudaDevice open() {
        CudaHardware hardware = Emulated.hardware();
        try {
            return new CudaDevice(hardware, new DeviceOptions(0, CudnnConvolutions.NAME), NONE);
        } catch (IllegalArgumentException e) {
            return Assumptions.abort("cuDNN cannot be tested here: " + e.getMessage());
        }
    }

    /** Layouts, groups, strides and dilations that cuDNN serves, and padding that it does not. */
    static Stream<Convolution> shapes() {
        return Stream.of(
                new Convolution(1, 9, 8, 4, Window.square(5, 1, 2), 1, true),
                new Convolution(3, 8, 7, 6, Window.square(4, 2, 1), 1, true),
                new Convolution(4, 6, 6, 8, Window.square(3, 1, 1), 2, false),
                new Convolution(6, 7, 9, 5, new Window(3, 2, 2, 1, 1, 2, 1, 2, 2, 3), 1, false),
                new Convolution(8, 4, 4, 12, Window.square(1, 1, 0), 1, false),
                new Convolution(4, 6, 6, 8, new Window(3, 3, 1, 1, 0, 0, 1, 1, 1, 1), 1, false));
    }

    /** Output, input, weight and bias gradient, stepped inputs; our launches of a bare forward product. */
    private record Results(List<float[]> outputs, long launches) {}

    private static Results run(CudaDevice device, Convolution shape) {
        Random random = new Random(7);
        try (BufferArena arena = device.arena()) {
            ImageOperations images = device.operations().images();
            Buffer x = floats(arena, Values.uniform(random, N * shape.inputSize(), 0, 1));
            Buffer w = floats(arena, Values.uniform(random, shape.weightSize(), -1, 1));
            Buffer b = floats(arena, Values.uniform(random, shape.filters(), -1, 1));
            Buffer dy = floats(arena, Values.uniform(random, N * shape.outputSize(), -1, 1));
            Buffer before = floats(arena, Values.uniform(random, N * shape.inputSize(), -1, 1));
            Buffer prepared = arena.floats(images.preparedLength(shape));
            images.prepare(shape, w, prepared);
            Buffer y = arena.floats((long) N * shape.outputSize());
            Buffer dx = arena.floats((long) N * shape.inputSize());
            Buffer dw = arena.floats(shape.weightSize());
            Buffer db = arena.floats(shape.filters());
            Buffer at = floats(arena, x.floats(N * shape.inputSize()));
            Loop.Rule rule = new Loop.Rule(new ThreatModel(Norm.LINF, 0.1f), 1, 0.05f, 1, Start.ORIGINAL, false);
            Buffer ints = arena.ints(N);
            RandomStream stream = new RandomStream(1, RandomStream.Purpose.ATTACK_START, 0);
            Loop loop = new Loop(N, x, ints, ints, at, rule, stream, 0, null, false);
            images.convolutionForward(N, shape, x, w, prepared, b, RELU, y);
            images.convolutionInputGradient(N, shape, dy, w, prepared, RELU, before, dx);
            images.convolutionWeightGradient(N, shape, x, dy, dw, db);
            images.convolutionLinfStep(shape, dy, w, prepared, loop);
            long launches = device.driver().counters().launches();
            images.convolutionForward(N, shape, x, w, prepared, null, Activation.IDENTITY, arena.floats(y.length()));
            launches = device.driver().counters().launches() - launches;
            List<float[]> outputs = Stream.of(y, dx, dw, db, at)
                    .map(output -> output.floats((int) output.length()))
                    .toList();
            return new Results(outputs, launches);
        }
    }

    private static Buffer floats(BufferArena arena, float[] values) {
        Buffer buffer = arena.floats(values.length);
        buffer.write(values);
        return buffer;
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void itComputesWhatOurKernelsCompute(Convolution shape) {
        try (CudaDevice own = Emulated.open();
                CudaDevice device = open()) {
            Results expected = run(own, shape);
            Results results = run(device, shape);
            // Sums of at most a few hundred products below 1 in another order.
            for (int i = 0; i < expected.outputs.size(); i++) {
                requireClose(results.outputs.get(i), expected.outputs.get(i));
            }
            // A kernel of ours where cuDNN cannot have the padding; a transposition where images lie channels first.
            boolean taken = shape.window().top() == shape.window().bottom();
            assertThat(results.launches).isEqualTo(taken && !(shape.channelsFirst() && shape.channels() > 1) ? 0 : 1);
        }
    }

    private static void requireClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).as("element %d", i).isCloseTo(expected[i], Offset.offset(1e-4f));
        }
    }

    @Test
    void resultsAreMarked() {
        try (CudaDevice device = open()) {
            assertThat(device.properties())
                    .hasEntrySatisfying("provider", name -> assertThat(name).startsWith("cudnn 8."))
                    .containsEntry("repeatable", "at one batch size alone");
        }
    }
}
