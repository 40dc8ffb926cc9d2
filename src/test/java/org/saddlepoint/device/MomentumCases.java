package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.interleave;
import static org.saddlepoint.device.OperationCase.row;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.below;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Arrays;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.MomentumReference;

/** Steps that remember earlier gradients: zero gradients, gradients that are no numbers, and examples already beaten among them. */
final class MomentumCases {
    private MomentumCases() {}

    static Stream<OperationCase> accumulate() {
        return StepCases.sizes((name, n, d, epsilon, random) -> {
            float[] gradient = uniform(random, n * d, -1e-3, 1e-3);
            float[] before = uniform(random, n * d, -1, 1);
            int[] beaten = new int[n];
            int[] zeros = below(random, n, 5);
            for (int i = 0; i < n; i++) {
                beaten[i] = i % 5 == 4 ? 2 : -1;
                if (i % 7 == 3) {
                    Arrays.fill(gradient, i * d, (i + 1) * d, i % 2 == 0 ? 0f : -0f);
                } else if (i % 11 == 5) {
                    gradient[i * d + d / 2] = Float.NaN;
                }
            }
            float decay = n % 2 == 0 ? 1f : 0.7f;
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer momentum = bench.floats(cut(before, d, from, to));
                        Buffer counts = bench.ints(cut(zeros, from, to));
                        BestIterate known =
                                new BestIterate(momentum, momentum, bench.ints(cut(beaten, from, to)), counts);
                        bench.operations()
                                .momenta()
                                .accumulate(
                                        to - from, d, bench.floats(cut(gradient, d, from, to)), decay, known, momentum);
                        return interleave(to - from, Bench.read(momentum), Bench.read(counts));
                    },
                    () -> {
                        double[] after = widen(before);
                        double[] tolerances = new double[n * d];
                        double[] counts = widen(zeros);
                        for (int i = 0; i < n; i++) {
                            if (beaten[i] >= 0) {
                                continue;
                            }
                            double[] g = row(widen(gradient), d, i);
                            double[] next = MomentumReference.accumulate(decay, row(widen(before), d, i), g);
                            System.arraycopy(next, 0, after, i * d, d);
                            // One rounding to float32 of a value below 2; what double rounds before it is far below.
                            Arrays.fill(tolerances, i * d, (i + 1) * d, 1.1 * ROUNDOFF);
                            counts[i] += Arrays.stream(g).allMatch(v -> v == 0) ? 1 : 0;
                        }
                        return new Expected(interleave(n, after, counts), interleave(n, tolerances, new double[n]));
                    });
        });
    }
}
