package org.saddlepoint.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** Products at bf16 with weights that were rounded once give the bits of those that round them each time. */
@Tag("cuda")
class DenseHalvesTest {
    private static final Loop.Rule RULE =
            new Loop.Rule(new ThreatModel(Norm.LINF, 0.1f), 1, 0.07f, 1, Start.ORIGINAL, false);
    private static final Activation RELU = new Activation(Activation.Kind.RELU, 0f);

    @ParameterizedTest
    @MethodSource("org.saddlepoint.device.DeviceKind#tested")
    void sameBitsAsRoundingEachTime(DeviceKind kind) {
        Random random = new Random(5);
        try (Device device = kind.open(2)) {
            for (int n : new int[] {1, 7, 33}) {
                for (int in : OperationCase.WIDTHS) {
                    int out = 1 + random.nextInt(70);
                    float[] w = Values.uniform(random, in * out, -1, 1);
                    float[] x = Values.uniform(random, n * in, 0, 1);
                    float[] dy = Values.uniform(random, n * out, -1, 1);
                    float[] b = Values.uniform(random, out, -1, 1);
                    assertThat(products(device, n, in, out, w, x, dy, b, true))
                            .as("%d x %d to %d", n, in, out)
                            .isEqualTo(products(device, n, in, out, w, x, dy, b, false));
                }
            }
        }
    }

    private static double[] products(
            Device device, int n, int in, int out, float[] w, float[] x, float[] dy, float[] b, boolean once) {
        try (Bench bench = new Bench(device);
                BufferArena arena = device.arena()) {
            Operations operations = bench.operations().at(Precision.BF16);
            long length = operations.preparedHalvesLength(in, out);
            Buffer forward = arena.allocate(ElementType.BFLOAT16, length);
            Buffer backward = arena.allocate(ElementType.BFLOAT16, length);
            Buffer weights = bench.floats(w);
            Buffer prepared = bench.prepared(in, out, w);
            operations.prepareDenseHalves(in, out, weights, forward, backward);
            Buffer input = bench.floats(x);
            Buffer gradient = bench.floats(dy);
            Buffer bias = bench.floats(b);
            Buffer y = bench.floatOutput(n * out);
            Buffer dx = bench.floatOutput(n * in);
            Buffer at = bench.floats(x);
            Loop loop = bench.loop(n, RULE, x, new int[n], at, null);
            if (once) {
                operations.denseForward(n, in, out, input, weights, prepared, forward, bias, RELU, y);
                operations.denseInputGradient(n, in, out, gradient, weights, backward, RELU, input, dx);
                operations.denseLinfStep(out, gradient, weights, backward, loop, in);
            } else {
                operations.denseForward(n, in, out, input, weights, prepared, bias, RELU, y);
                operations.denseInputGradient(n, in, out, gradient, weights, RELU, input, dx);
                operations.denseLinfStep(out, gradient, weights, loop, in);
            }
            return Bench.read(y, dx, at);
        }
    }
}
