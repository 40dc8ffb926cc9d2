package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.ROWS;
import static org.saddlepoint.device.OperationCase.WIDTHS;
import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.random;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.ActivationReference;

/** What joins branches: sums, and copies of columns. */
final class JoinCases {
    private JoinCases() {}

    private static Stream<int[]> sizes() {
        return IntStream.of(ROWS).boxed().flatMap(n -> IntStream.of(WIDTHS).mapToObj(d -> new int[] {n, d}));
    }

    static Stream<OperationCase> add() {
        return sizes().map(size -> {
            int n = size[0];
            int d = size[1];
            Activation.Kind[] kinds = Activation.Kind.values();
            Activation activation = ActivationReference.example(kinds[(n + d) % kinds.length]);
            String name = activation.kind() + " " + n + " x " + d;
            Random random = random(name);
            float[] a = uniform(random, n * d, -3, 3);
            float[] b = uniform(random, n * d, -3, 3);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer left = bench.floats(cut(a, d, from, to));
                        Buffer right = bench.floats(cut(b, d, from, to));
                        // In place on either summand, or not.
                        Buffer y = n % 3 == 0 ? left : n % 3 == 1 ? right : bench.floatOutput((to - from) * d);
                        bench.operations().add((long) (to - from) * d, left, right, activation, y);
                        return Bench.read(y);
                    },
                    () -> {
                        double[] sum = new double[n * d];
                        for (int i = 0; i < sum.length; i++) {
                            sum[i] = (double) a[i] + b[i];
                        }
                        double[] y = ActivationReference.values(activation, sum);
                        double[] tolerance = new double[y.length];
                        for (int i = 0; i < y.length; i++) {
                            // One rounding, through an activation that is no steeper than 1.
                            tolerance[i] = ROUNDOFF * Math.abs(sum[i]) + ElementCases.activationError(activation, y[i]);
                        }
                        return new Expected(y, tolerance);
                    });
        });
    }

    static Stream<OperationCase> copyColumns() {
        return sizes().map(size -> {
            int n = size[0];
            int d = size[1];
            String name = n + " x " + d;
            Random random = random(name);
            int before = d % 3;
            int behind = n % 4;
            int width = before + d + 2 * behind;
            float[] source = uniform(random, n * (d + before), -3, 3);
            float[] target = uniform(random, n * width, -3, 3);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer out = bench.floats(cut(target, width, from, to));
                        Buffer in = bench.floats(cut(source, d + before, from, to));
                        bench.operations().copyColumns(to - from, d, in, d + before, before, out, width, behind);
                        return Bench.read(out);
                    },
                    () -> {
                        float[] out = Arrays.copyOf(target, target.length);
                        for (int i = 0; i < n; i++) {
                            System.arraycopy(source, i * (d + before) + before, out, i * width + behind, d);
                        }
                        return Expected.exactly(widen(out));
                    });
        });
    }
}
