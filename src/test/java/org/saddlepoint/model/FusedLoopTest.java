package org.saddlepoint.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceKind;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.Start;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** A loop in a device's fused form gives the bits of the same loop layer by layer. */
@Tag("cuda")
class FusedLoopTest {
    private static final int N = 77; // several tiles of examples, the last of them ragged

    static Stream<Arguments> normsOnDevices() {
        return DeviceKind.tested().flatMap(kind -> Stream.of(Norm.values()).map(norm -> Arguments.of(kind, norm)));
    }

    @ParameterizedTest
    @MethodSource("normsOnDevices")
    void sameBitsAsLayerByLayer(DeviceKind kind, Norm norm) {
        Random random = new Random(6);
        float[] x = Values.uniform(random, N * 30, 0, 1);
        int[] indices = Values.below(random, N, 1000);
        try (Device device = kind.open(2)) {
            Models.all().forEach(model -> {
                int[] labels = Values.below(random, N, model.classes());
                float[] parameters = Values.uniform(random, (int) model.parameterCount(), -0.5, 0.5);
                try (Classifier classifier = Classifier.of(model, device, parameters);
                        BoundModel bound = classifier.bind(N)) {
                    for (Loss loss : new Loss[] {Losses.CROSS_ENTROPY, Losses.MEAN_SQUARED_ERROR, Losses.MARGIN}) {
                        for (int variant = 0; variant < (kind == DeviceKind.CUDA ? 8 : 16); variant++) {
                            assertThat(iterate(bound, norm, loss, variant, x, labels, indices, true))
                                    .as("%s, %s, variant %d", model, loss, variant)
                                    .isEqualTo(iterate(bound, norm, loss, variant, x, labels, indices, false));
                        }
                    }
                }
            });
        }
    }

    private static float[][] iterate(
            BoundModel bound,
            Norm norm,
            Loss loss,
            int variant,
            float[] origin,
            int[] labels,
            int[] indices,
            boolean fused) {
        boolean targeted = (variant & 2) != 0;
        boolean keep = (variant & 4) != 0;
        Start drawn = keep ? Start.BALL_AND_BOX : Start.BALL;
        Start start = (variant & 1) != 0 ? drawn : Start.ORIGINAL;
        Precision precision = (variant & 8) != 0 ? Precision.BF16 : Precision.FLOAT32;
        Loop.Rule rule = new Loop.Rule(new ThreatModel(norm, 0.3f), 4, 0.1f, 5, start, targeted, precision);
        try (BufferArena arena = bound.device().arena()) {
            Buffer from = arena.floats(origin.length);
            Buffer classes = arena.ints(N);
            Buffer index = arena.ints(N);
            Buffer x = arena.floats(origin.length);
            from.write(origin);
            classes.write(labels);
            index.write(indices);
            BestIterate best = keep
                    ? new BestIterate(arena.floats(origin.length), arena.floats(N), arena.ints(N), arena.ints(N))
                    : null;
            if (best != null) {
                bound.device().operations().fill(N, Float.NEGATIVE_INFINITY, best.objective());
                bound.device().operations().fill(N, -1f, best.beaten());
            }
            RandomStream random = new RandomStream(9, RandomStream.Purpose.ATTACK_START, 0);
            Loop loop = new Loop(N, from, classes, index, x, rule, random, 2, best, keep);
            if (fused) {
                bound.iterate(loop, loss);
            } else {
                bound.iterateLayered(loop, loss);
            }
            return results(x, best);
        }
    }

    /** The last iterate counts only where no best one is kept. */
    private static float[][] results(Buffer x, @Nullable BestIterate best) {
        if (best == null) {
            return new float[][] {x.floats(N * 30)};
        }
        int[] counts = new int[2 * N];
        best.beaten().read(counts, 0, N);
        best.zeroGradients().read(counts, N, N);
        float[] widened = new float[2 * N];
        for (int i = 0; i < widened.length; i++) {
            widened[i] = counts[i];
        }
        return new float[][] {best.x().floats(N * 30), best.objective().floats(N), widened};
    }
}
