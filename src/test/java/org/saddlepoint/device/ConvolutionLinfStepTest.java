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
class ConvolutionLinfStepTest {
    private static final Loop.Rule RULE =
            new Loop.Rule(new ThreatModel(Norm.LINF, 0.1f), 1, 0.07f, 1, Start.ORIGINAL, false);

    @ParameterizedTest
    @MethodSource("org.saddlepoint.device.DeviceKind#tested")
    void sameBitsAsGradientThenStep(DeviceKind kind) {
        try (Device device = kind.open(2)) {
            ImageCases.sizes().forEach(s -> {
                Random random = OperationCase.random(s.toString());
                Convolution shape = s.shape();
                int outputs = shape.outputSize();
                float[] w = Values.uniform(random, shape.weightSize(), -1, 1);
                float[] origin = Values.uniform(random, s.n() * shape.inputSize(), 0, 1);
                float[] x = Values.uniform(random, s.n() * shape.inputSize(), 0, 1);
                float[] dy = Values.uniform(random, s.n() * outputs, -1, 1);
                int[] beaten = new int[s.n()];
                for (int i = 0; i < s.n(); i++) {
                    beaten[i] = i % 4 == 1 ? 3 : -1;
                    if (i % 3 == 2) {
                        Arrays.fill(dy, i * outputs, (i + 1) * outputs, 0f);
                    }
                }
                assertThat(step(device, s, w, origin, x, dy, beaten, true))
                        .as(s.toString())
                        .isEqualTo(step(device, s, w, origin, x, dy, beaten, false));
            });
        }
    }

    private static double[] step(
            Device device,
            ImageCases.Size s,
            float[] w,
            float[] origin,
            float[] x,
            float[] dy,
            int[] beaten,
            boolean fused) {
        Convolution shape = s.shape();
        try (Bench bench = new Bench(device)) {
            Buffer at = bench.floats(x);
            Buffer zeros = bench.ints(new int[s.n()]);
            BestIterate best = new BestIterate(at, at, bench.ints(beaten), zeros);
            Loop loop = bench.loop(s.n(), RULE, origin, new int[s.n()], at, best);
            if (fused) {
                ImageOperations images = bench.operations().images();
                Buffer prepared = ImageCases.prepared(bench, images, shape, w);
                images.convolutionLinfStep(shape, bench.floats(dy), bench.floats(w), prepared, loop);
            } else {
                Buffer dx = ImageCases.inputGradient(
                        bench, Precision.FLOAT32, s.n(), shape, dy, w, Activation.IDENTITY, null);
                bench.operations().step(loop, shape.inputSize(), dx);
            }
            return Bench.read(at, zeros);
        }
    }
}
