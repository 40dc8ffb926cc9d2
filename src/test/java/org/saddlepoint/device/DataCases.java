package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.ROWS;
import static org.saddlepoint.device.OperationCase.WIDTHS;
import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.random;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.below;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;

/** Moving data: gathers, copies, fills, sums. */
final class DataCases {
    private static final int SOURCE_ROWS = 300;

    private interface Build {
        OperationCase of(String name, int n, int d, Random random);
    }

    private DataCases() {}

    private static Stream<OperationCase> sizes(Build build) {
        return IntStream.of(ROWS)
                .boxed()
                .flatMap(n -> IntStream.of(WIDTHS).boxed().map(d -> {
                    String name = n + " x " + d;
                    return build.of(name, n, d, random(name));
                }));
    }

    static Stream<OperationCase> gatherBytes() {
        return sizes((name, n, d, random) -> {
            byte[] source = new byte[SOURCE_ROWS * d];
            random.nextBytes(source);
            int[] indices = below(random, n, SOURCE_ROWS);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer out = bench.floatOutput((to - from) * d);
                        Buffer index = bench.ints(cut(indices, from, to));
                        bench.operations().gather(to - from, d, bench.bytes(source), index, out);
                        return Bench.read(out);
                    },
                    () -> {
                        double[] values = new double[n * d];
                        for (int i = 0; i < values.length; i++) {
                            int pixel = Byte.toUnsignedInt(source[indices[i / d] * d + i % d]);
                            values[i] = (float) (pixel / 255.0); // the nearest float32
                        }
                        return Expected.exactly(values);
                    });
        });
    }

    static Stream<OperationCase> gatherFloats() {
        return sizes((name, n, d, random) -> {
            float[] source = uniform(random, SOURCE_ROWS * d, -1, 1);
            int[] indices = below(random, n, SOURCE_ROWS);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer out = bench.floatOutput((to - from) * d);
                        Buffer index = bench.ints(cut(indices, from, to));
                        bench.operations().gather(to - from, d, bench.floats(source), index, out);
                        return Bench.read(out);
                    },
                    () -> {
                        double[] values = new double[n * d];
                        for (int i = 0; i < values.length; i++) {
                            values[i] = source[indices[i / d] * d + i % d];
                        }
                        return Expected.exactly(values);
                    });
        });
    }

    static Stream<OperationCase> gatherLabels() {
        return sizes((name, n, d, random) -> {
            int[] source = below(random, SOURCE_ROWS, 10);
            int[] indices = below(random, n, SOURCE_ROWS);
            return new OperationCase(
                    name,
                    n,
                    (bench, from, to) -> {
                        Buffer out = bench.intOutput(to - from);
                        Buffer index = bench.ints(cut(indices, from, to));
                        bench.operations().gatherLabels(to - from, bench.ints(source), index, out);
                        return Bench.read(out);
                    },
                    () -> Expected.exactly(
                            Arrays.stream(indices).mapToDouble(i -> source[i]).toArray()));
        });
    }

    static Stream<OperationCase> copyAndFill() {
        return sizes((name, n, d, random) -> {
            float[] source = uniform(random, n * d, -1, 1);
            return new OperationCase(
                    name,
                    1,
                    (bench, from, to) -> {
                        Buffer copy = bench.floatOutput(n * d);
                        bench.operations().copy((long) n * d, bench.floats(source), copy);
                        Buffer floats = bench.floatOutput(n * d);
                        bench.operations().fill((long) n * d, -1.5f, floats);
                        Buffer ints = bench.intOutput(n * d);
                        bench.operations().fill((long) n * d, -1.5f, ints);
                        return Bench.read(copy, floats, ints);
                    },
                    () -> {
                        double[] values = Arrays.copyOf(widen(source), 3 * n * d);
                        Arrays.fill(values, n * d, 2 * n * d, -1.5);
                        Arrays.fill(values, 2 * n * d, 3 * n * d, -1); // rounded towards zero
                        return Expected.exactly(values);
                    });
        });
    }

    static Stream<OperationCase> sum() {
        return sizes((name, n, d, random) -> {
            float[] values = uniform(random, n * d, -1, 1);
            return new OperationCase(
                    name,
                    1,
                    (bench, from, to) -> {
                        Buffer out = bench.floatOutput(1);
                        bench.operations().sum((long) n * d, bench.floats(values), out);
                        return Bench.read(out);
                    },
                    () -> {
                        double total = Arrays.stream(widen(values)).sum();
                        double size = n * d; // no value exceeds 1
                        // Accumulated in double, rounded to float32 once.
                        return new Expected(
                                new double[] {total},
                                new double[] {ROUNDOFF * Math.abs(total) + n * d * 0x1p-53 * size});
                    });
        });
    }
}
