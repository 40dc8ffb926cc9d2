package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceKind;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.Start;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.BoundModel;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.Model;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** How many launches an attack is. */
@Tag("cuda")
class LaunchCountTest {
    private static final int N = 5;
    private static final int D = 784;

    private final Device device = DeviceKind.CUDA.open(1);

    @AfterEach
    void close() {
        device.close();
    }

    /** What the device counted while it did something, by name. */
    private long launches(Runnable work) {
        long before = device.counters().getOrDefault("launches", -1L);
        work.run();
        return device.counters().getOrDefault("launches", -1L) - before;
    }

    private static Loop loop(BufferArena arena, Norm norm, Precision precision, int steps, boolean keep) {
        BestIterate best =
                keep ? new BestIterate(arena.floats(N * D), arena.floats(N), arena.ints(N), arena.ints(N)) : null;
        Buffer origin = arena.floats(N * D);
        Loop.Rule rule =
                new Loop.Rule(new ThreatModel(norm, 0.1f), steps, 0.01f, 9, Start.BALL_AND_BOX, false, precision);
        RandomStream random = new RandomStream(1, RandomStream.Purpose.ATTACK_START, 0);
        return new Loop(N, origin, arena.ints(N), arena.ints(N), arena.floats(N * D), rule, random, 0, best, keep);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void aFusedAttackIsOneLaunchWhateverItsSteps(Precision precision) {
        Model model = Model.sequential(dense(D, 16), relu(), dense(16, 10));
        try (Classifier classifier = Classifier.initialize(model, device, 1);
                BoundModel bound = classifier.bind(N);
                BufferArena arena = device.arena()) {
            for (Norm norm : Norm.values()) {
                for (boolean keep : new boolean[] {false, true}) {
                    for (int steps : new int[] {1, 4, 40}) {
                        Loop loop = loop(arena, norm, precision, steps, keep);
                        bound.iterate(loop, Losses.CROSS_ENTROPY); // plans what the first one plans
                        assertThat(launches(() -> bound.iterate(loop, Losses.CROSS_ENTROPY)))
                                .as("%s, %d steps, keep %s", norm, steps, keep)
                                .isEqualTo(1);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aLayeredStepIsAtMostTwoLaunchesALayerAndOneOrTwo(int depth) {
        List<Layer> layers = new ArrayList<>();
        for (int i = 1; i < depth; i++) {
            layers.add(dense(i == 1 ? D : 16, 16));
            layers.add(relu());
        }
        layers.add(dense(depth == 1 ? D : 16, 10));
        try (Classifier classifier = Classifier.initialize(Model.sequential(layers.toArray(Layer[]::new)), device, 1);
                BoundModel bound = classifier.bind(N);
                BufferArena arena = device.arena()) {
            for (Precision precision : Precision.values()) {
                for (Norm norm : Norm.values()) {
                    Loop three = loop(arena, norm, precision, 3, false);
                    Loop four = loop(arena, norm, precision, 4, false);
                    bound.iterateLayered(three, Losses.CROSS_ENTROPY);
                    long step = launches(() -> bound.iterateLayered(four, Losses.CROSS_ENTROPY))
                            - launches(() -> bound.iterateLayered(three, Losses.CROSS_ENTROPY));
                    assertThat(step)
                            .as("%s, %s", norm, precision)
                            .isBetween(1L, 2L * depth + (norm == Norm.LINF ? 1 : 2));
                }
            }
        }
    }
}
