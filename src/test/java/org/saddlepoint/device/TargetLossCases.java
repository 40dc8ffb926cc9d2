package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.ROWS;
import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.interleave;
import static org.saddlepoint.device.OperationCase.random;
import static org.saddlepoint.device.OperationCase.row;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.below;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.saddlepoint.device.LossOperations.TargetLoss;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.RatioReference;

/** Losses towards one class with their logit gradients, and ranked classes; ties of two, three and all logits. */
final class TargetLossCases {
    private static final float FACTOR = -0.75f;

    private interface Build {
        OperationCase of(String name, int n, int c, float[] z, int[] labels, int[] targets);
    }

    private TargetLossCases() {}

    private static Stream<OperationCase> sizes(int fewest, Build build) {
        List<int[]> sizes = new ArrayList<>();
        for (int n : ROWS) {
            for (int c : new int[] {2, 3, 4, 10, 33, 100}) {
                if (c >= fewest) {
                    sizes.add(new int[] {n, c});
                }
            }
        }
        return sizes.stream().map(size -> {
            int n = size[0];
            int c = size[1];
            String name = n + " x " + c;
            Random random = random(name);
            float[] z = uniform(random, n * c, -8, 8);
            int[] labels = below(random, n, c);
            int[] targets = new int[n];
            for (int i = 0; i < n; i++) {
                if (i % 5 == 3) {
                    Arrays.fill(z, i * c + 1, i * c + Math.min(c, 2 + i % 3), 3f); // ties
                }
                targets[i] = (labels[i] + 1 + random.nextInt(c - 1)) % c;
            }
            return build.of(name, n, c, z, labels, targets);
        });
    }

    static Stream<OperationCase> dlr() {
        return sizes(3, (name, n, c, z, labels, targets) -> losses(name, n, c, z, labels, targets, true, false));
    }

    static Stream<OperationCase> targetedDlr() {
        return sizes(4, (name, n, c, z, labels, targets) -> losses(name, n, c, z, labels, targets, true, true));
    }

    static Stream<OperationCase> targetMargin() {
        return sizes(2, (name, n, c, z, labels, targets) -> losses(name, n, c, z, labels, targets, false, true));
    }

    private static OperationCase losses(
            String name, int n, int c, float[] z, int[] labels, int[] targets, boolean ratio, boolean targeted) {
        return new OperationCase(
                name,
                n,
                (bench, from, to) -> {
                    int rows = to - from;
                    Buffer logits = bench.floats(cut(z, c, from, to));
                    Buffer y = bench.ints(cut(labels, from, to));
                    Buffer t = bench.ints(cut(targets, from, to));
                    Buffer loss = bench.floatOutput(rows);
                    Buffer gradient = bench.floatOutput(rows * c);
                    LossOperations operations = bench.operations().losses();
                    if (targeted) {
                        TargetLoss kind = ratio ? TargetLoss.DLR : TargetLoss.MARGIN;
                        operations.targetLoss(kind, rows, c, logits, y, t, FACTOR, loss, gradient);
                    } else {
                        operations.dlr(rows, c, logits, y, FACTOR, loss, gradient);
                    }
                    return interleave(rows, Bench.read(loss), Bench.read(gradient));
                },
                () -> {
                    double[] values = new double[n * (c + 1)];
                    double[] tolerances = new double[n * (c + 1)];
                    for (int i = 0; i < n; i++) {
                        double[] logits = row(widen(z), c, i);
                        int y = labels[i];
                        int t = targeted ? targets[i] : RatioReference.ranked(logits, y, 1);
                        double[] gradient = new double[c];
                        int at = i * (c + 1);
                        if (ratio) {
                            values[at] = RatioReference.value(logits, y, t, targeted);
                            gradient = RatioReference.gradient(logits, y, t, targeted);
                        } else {
                            values[at] = logits[t] - logits[y];
                            gradient[t] = 1;
                            gradient[y] = -1;
                        }
                        // In double, rounded once; parts that cancel are rounded relative to themselves.
                        double parts = ratio ? RatioReference.parts(logits, y, t, targeted) : 0;
                        tolerances[at] = 2 * ROUNDOFF * Math.abs(values[at]);
                        for (int j = 0; j < c; j++) {
                            values[at + 1 + j] = FACTOR * gradient[j];
                            tolerances[at + 1 + j] = 2 * ROUNDOFF * Math.abs(gradient[j]) + 0x1p-49 * parts;
                        }
                    }
                    return new Expected(values, tolerances);
                });
    }

    static Stream<OperationCase> rankedClass() {
        return sizes(2, (name, n, c, z, labels, targets) -> {
            int rank = 1 + n % (c - 1);
            return new OperationCase(
                    name + ", rank " + rank,
                    n,
                    (bench, from, to) -> {
                        Buffer out = bench.intOutput(to - from);
                        bench.operations()
                                .losses()
                                .rankedClass(
                                        to - from,
                                        c,
                                        bench.floats(cut(z, c, from, to)),
                                        bench.ints(cut(labels, from, to)),
                                        rank,
                                        out);
                        return Bench.read(out);
                    },
                    () -> {
                        double[] classes = new double[n];
                        for (int i = 0; i < n; i++) {
                            classes[i] = RatioReference.ranked(row(widen(z), c, i), labels[i], rank);
                        }
                        return Expected.exactly(classes);
                    });
        });
    }
}
