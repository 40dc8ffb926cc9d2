package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.DeviceOptions;
import org.saddlepoint.device.ImageOperations;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Pooling;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.Replay;
import org.saddlepoint.device.Start;
import org.saddlepoint.device.Window;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** Convolution and pooling inside recorded work: one graph launch, no allocation, no wait, the same bits. */
@Tag("cuda")
class ImageGraphTest {
    private static final int N = 3;
    private static final Convolution SHAPE = new Convolution(3, 8, 8, 6, Window.square(3, 1, 1), 1, true);
    private static final Pooling POOLING = new Pooling(6, 8, 8, Window.square(3, 2, 1), false);

    @ParameterizedTest
    @ValueSource(strings = {DeviceOptions.OWN, CudnnConvolutions.NAME})
    void aRepeatedStepIsOneGraphLaunchAndNothingElse(String provider) {
        CudaHardware hardware = Emulated.hardware();
        CudaSwitches none = new CudaSwitches(false, false, false);
        try (CudaDevice device = new CudaDevice(hardware, new DeviceOptions(0, provider), none);
                BufferArena arena = device.arena();
                Replay replay = device.operations().replay()) {
            Operations operations = device.operations();
            ImageOperations images = operations.images();
            Buffer x = uniform(arena, 1, N * SHAPE.inputSize());
            Buffer w = uniform(arena, 2, SHAPE.weightSize());
            Buffer dz = uniform(arena, 3, N * POOLING.outputSize());
            Buffer prepared = arena.floats(images.preparedLength(SHAPE));
            Buffer y = arena.floats((long) N * SHAPE.outputSize());
            Buffer z = arena.floats((long) N * POOLING.outputSize());
            Buffer mean = arena.floats((long) N * POOLING.outputSize());
            Buffer chosen = arena.ints((long) N * POOLING.outputSize());
            Buffer dy = arena.floats((long) N * SHAPE.outputSize());
            Buffer dx = arena.floats((long) N * SHAPE.inputSize());
            Buffer dw = arena.floats(SHAPE.weightSize());
            Buffer db = arena.floats(SHAPE.filters());
            Buffer at = arena.floats((long) N * SHAPE.inputSize());
            Buffer zeros = arena.ints(N);
            Buffer beaten = arena.ints(N);
            beaten.write(new int[] {-1, -1, 2});
            Loop.Rule rule = new Loop.Rule(new ThreatModel(Norm.LINF, 0.1f), 1, 0.05f, 1, Start.ORIGINAL, false);
            RandomStream stream = new RandomStream(1, RandomStream.Purpose.ATTACK_START, 0);
            BestIterate best = new BestIterate(at, at, beaten, zeros);
            Loop loop = new Loop(N, x, zeros, zeros, at, rule, stream, 0, best, false);
            Runnable step = () -> {
                operations.fill(N, 0f, zeros);
                operations.copy(at.length(), x, at);
                images.prepare(SHAPE, w, prepared);
                images.convolutionForward(N, SHAPE, x, w, prepared, db, Activation.IDENTITY, y);
                images.maxPool(N, POOLING, y, z, chosen);
                images.averagePool(N, POOLING, y, mean);
                images.maxPoolGradient(N, POOLING, dz, chosen, Activation.IDENTITY, null, dy);
                images.convolutionInputGradient(N, SHAPE, dy, w, prepared, Activation.IDENTITY, null, dx);
                images.convolutionLinfStep(SHAPE, dy, w, prepared, loop);
                images.convolutionWeightGradient(N, SHAPE, x, dy, dw, db);
            };
            List<Buffer> results = List.of(y, z, mean, dy, dx, dw, at);
            operations.fill(db.length(), 0f, db);
            step.run();
            List<float[]> expected =
                    results.stream().map(b -> b.floats((int) b.length())).toList();

            for (Buffer result : results) {
                operations.fill(result.length(), Float.NaN, result);
            }
            operations.fill(db.length(), 0f, db);
            replay.run("step", step);
            operations.fill(db.length(), 0f, db);
            CudaCounters before = device.driver().counters();
            replay.run("step", step);
            assertThat(device.driver().counters().since(before)).isEqualTo(new CudaCounters(0, 1, 0, 0, 0, 0, 0));
            for (int i = 0; i < expected.size(); i++) {
                assertThat(results.get(i).floats(expected.get(i).length)).isEqualTo(expected.get(i));
            }
        }
    }

    private static Buffer uniform(BufferArena arena, int seed, int length) {
        Buffer buffer = arena.floats(length);
        buffer.write(Values.uniform(new Random(seed), length, 0, 1));
        return buffer;
    }
}
