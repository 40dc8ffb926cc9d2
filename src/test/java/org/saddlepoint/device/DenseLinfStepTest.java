package org.saddlepoint.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** The step whose gradient stays in registers gives the bits of the two operations that it stands for. */
@Tag("cuda")
class DenseLinfStepTest {
    @ParameterizedTest
    @MethodSource("org.saddlepoint.device.DeviceKind#tested")
    void sameBitsAsGradientThenStep(DeviceKind kind) {
        Random random = new Random(3);
        Loop.Rule rule = new Loop.Rule(new ThreatModel(Norm.LINF, 0.1f), 1, 0.07f, 1, Start.ORIGINAL, false);
        try (Device device = kind.open(2)) {
            for (int n : OperationCase.ROWS) {
                for (int d : OperationCase.WIDTHS) {
                    int out = 1 + random.nextInt(40);
                    float[] w = Values.uniform(random, out * d, -1, 1);
                    for (int i = 0; i < w.length; i++) {
                        w[i] = i % d > d / 2 ? 0f : w[i]; // whole tiles of columns without a gradient
                    }
                    float[] origin = Values.uniform(random, n * d, 0, 1);
                    float[] x = Values.uniform(random, n * d, 0, 1);
                    float[] dy = Values.uniform(random, n * out, -1, 1);
                    int[] beaten = new int[n];
                    for (int i = 0; i < n; i++) {
                        beaten[i] = i % 4 == 1 ? 3 : -1;
                        if (i % 3 == 2) {
                            Arrays.fill(dy, i * out, (i + 1) * out, 0f);
                        }
                    }
                    assertThat(step(device, rule, n, d, out, w, origin, x, dy, beaten, true))
                            .as("%d x %d to %d", n, d, out)
                            .isEqualTo(step(device, rule, n, d, out, w, origin, x, dy, beaten, false));
                }
            }
        }
    }

    private static double[] step(
            Device device,
            Loop.Rule rule,
            int n,
            int d,
            int out,
            float[] w,
            float[] origin,
            float[] x,
            float[] dy,
            int[] beaten,
            boolean fused) {
        try (Bench bench = new Bench(device)) {
            Buffer at = bench.floats(x);
            Buffer zeros = bench.ints(new int[n]);
            BestIterate best = new BestIterate(at, at, bench.ints(beaten), zeros);
            Loop loop = bench.loop(n, rule, origin, new int[n], at, best);
            if (fused) {
                bench.operations().denseLinfStep(out, bench.floats(dy), bench.floats(w), loop, d);
            } else {
                Buffer dx = bench.floatOutput(n * d);
                bench.operations()
                        .denseInputGradient(
                                n, d, out, bench.floats(dy), bench.floats(w), Activation.IDENTITY, null, dx);
                bench.operations().step(loop, d, dx);
            }
            return Bench.read(at, zeros);
        }
    }
}
