package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.saddlepoint.device.Ascent;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceKind;
import org.saddlepoint.reference.AscentReference;
import org.saddlepoint.reference.AscentReference.Objective;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** A run of APGD's operations, step size by step size, beside the algorithm in plain double. */
@Tag("cuda")
class AscentTraceTest {
    private static final int STEPS = 60;
    private static final float[] ORIGIN = {0.5f, 0.4f, 0.6f};
    private static final float[] START = {0.6f, 0.3f, 0.55f};

    /** A paraboloid whose peak lies inside the ball: steps overshoot until they have been halved. */
    private static final Objective OBJECTIVE = new Objective() {
        @Override
        public double value(double[] x) {
            return -2 * Math.pow(x[0] - 0.53, 2) - 3 * Math.pow(x[1] - 0.41, 2) - Math.pow(x[2] - 0.66, 2);
        }

        @Override
        public double[] gradient(double[] x) {
            return new double[] {-4 * (x[0] - 0.53), -6 * (x[1] - 0.41), -2 * (x[2] - 0.66)};
        }
    };

    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    void stepSizesAndTheBestLossAreTheAlgorithms(DeviceKind kind) {
        for (Norm norm : List.of(Norm.LINF, Norm.L2)) {
            double epsilon = 0.25;
            AscentReference.Trace expected = AscentReference.run(
                    norm, epsilon, STEPS, 0.75, Values.widen(ORIGIN), Values.widen(START), OBJECTIVE);
            assertThat(expected.stepSizes()[STEPS - 1]).isLessThan(epsilon / 2); // halved more than once
            try (Device device = kind.open(1);
                    BufferArena arena = device.arena()) {
                Ascent ascent = new Ascent(
                        1,
                        3,
                        ThreatModel.of(norm, epsilon),
                        floats(arena, ORIGIN),
                        floats(arena, START),
                        arena.floats(3),
                        arena.floats(3),
                        arena.floats(3),
                        arena.floats(3),
                        arena.floats(3),
                        arena.floats(Ascent.STATE),
                        null);
                Buffer loss = arena.floats(1);
                measure(ascent, loss);
                device.operations().ascents().begin(ascent, loss, (float) (2 * epsilon));
                List<Integer> checkpoints = Apgd.checkpoints(STEPS);
                int last = 0;
                for (int k = 1; k <= STEPS; k++) {
                    assertThat((double) ascent.state().floats(1)[0])
                            .as("%s, step %d", norm, k)
                            .isEqualTo(expected.stepSizes()[k - 1]);
                    device.operations().ascents().step(ascent, k == 1 ? 1f : 0.75f);
                    measure(ascent, loss);
                    if (checkpoints.contains(k)) {
                        device.operations().ascents().check(ascent, loss, (int) (0.75 * (k - last)));
                        last = k;
                    } else {
                        device.operations().ascents().keep(ascent, loss);
                    }
                }
                // Sixty steps of a few roundings each, of values below 1; the loss falls at most 6 times as fast.
                assertThat((double) ascent.state().floats(3)[2]).isCloseTo(expected.best(), Offset.offset(1e-5));
            }
        }
    }

    private static Buffer floats(BufferArena arena, float[] values) {
        Buffer buffer = arena.floats(values.length);
        buffer.write(values);
        return buffer;
    }

    private static void measure(Ascent ascent, Buffer loss) {
        double[] x = Values.widen(ascent.x().floats(3));
        float[] gradient = new float[3];
        double[] exact = OBJECTIVE.gradient(x);
        for (int j = 0; j < 3; j++) {
            gradient[j] = (float) exact[j];
        }
        ascent.gradient().write(gradient);
        loss.write(new float[] {(float) OBJECTIVE.value(x)});
    }
}
