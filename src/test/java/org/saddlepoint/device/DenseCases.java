package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.ROWS;
import static org.saddlepoint.device.OperationCase.WIDTHS;
import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.random;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.abs;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.reference.ActivationReference;
import org.saddlepoint.reference.DenseReference;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * Dense layers. A sum of K products in float32, in any order and fused or not, is off by at most (K + 1) roundings of the
 * sum of absolute products (Higham 2002, section 3.1); a bias is one term more. Operands that are rounded are rounded in
 * the reference too, so their products are exact in float32; but tensor cores cut what lies below the largest term's last
 * bits instead of rounding (Fasi et al. 2021, "Numerical behavior of NVIDIA tensor cores"), and keep few bits beyond.
 */
final class DenseCases {
    private record Size(int n, int in, int out) {}

    private DenseCases() {}

    static double unit(Precision precision) {
        return precision == Precision.FLOAT32 ? ROUNDOFF : 4 * ROUNDOFF;
    }

    static double[] rounded(Precision precision, float[] values) {
        return switch (precision) {
            case FLOAT32 -> widen(values);
            case TF32 -> widen(Values.tf32(values));
            case BF16 -> widen(Values.bf16(values));
        };
    }

    /** Every row count with every input width; output widths rotate, so that different edges meet. */
    private static Stream<Size> sizes() {
        List<Size> sizes = new ArrayList<>();
        for (int r = 0; r < ROWS.length; r++) {
            for (int i = 0; i < WIDTHS.length; i++) {
                sizes.add(new Size(ROWS[r], WIDTHS[i], WIDTHS[(5 * i + 3 * r + 1) % WIDTHS.length]));
            }
        }
        return sizes.stream();
    }

    private static Activation activation(int n) {
        Activation.Kind kind = Activation.Kind.values()[n % Activation.Kind.values().length];
        return ActivationReference.example(kind);
    }

    static Stream<OperationCase> forward(Precision precision) {
        return sizes().map(s -> {
            Random random = random(s.toString());
            Activation activation = activation(s.in + s.out);
            float[] x = uniform(random, s.n * s.in, 0, 1);
            float[] w = uniform(random, s.in * s.out, -1, 1);
            float[] b = uniform(random, s.out, -1, 1);
            return new OperationCase(
                    s + " " + activation.kind(),
                    s.n,
                    (bench, from, to) -> {
                        Buffer y = bench.floatOutput((to - from) * s.out);
                        bench.operations()
                                .at(precision)
                                .denseForward(
                                        to - from,
                                        s.in,
                                        s.out,
                                        bench.floats(cut(x, s.in, from, to)),
                                        bench.floats(w),
                                        bench.prepared(s.in, s.out, w),
                                        bench.floats(b),
                                        activation,
                                        y);
                        return Bench.read(y);
                    },
                    () -> {
                        double[] z = DenseReference.forward(
                                s.n, s.in, s.out, rounded(precision, x), rounded(precision, w), widen(b));
                        double[] size = DenseReference.forward(
                                s.n,
                                s.in,
                                s.out,
                                abs(rounded(precision, x)),
                                abs(rounded(precision, w)),
                                abs(widen(b)));
                        double[] y = ActivationReference.values(activation, z);
                        double[] tolerance = new double[y.length];
                        for (int i = 0; i < y.length; i++) {
                            // No activation is steeper than 1; its own error is an elementwise case's affair.
                            tolerance[i] = (s.in + 2) * unit(precision) * size[i]
                                    + ElementCases.activationError(activation, y[i]);
                        }
                        return new Expected(y, tolerance);
                    });
        });
    }

    static Stream<OperationCase> inputGradient(Precision precision) {
        return sizes().map(s -> {
            Random random = random(s.toString());
            Activation activation = activation(s.in + s.out);
            float[] dy = uniform(random, s.n * s.out, -1, 1);
            float[] w = uniform(random, s.in * s.out, -1, 1);
            float[] before = uniform(random, s.n * s.in, -1, 1);
            boolean none = activation.kind() == Activation.Kind.IDENTITY;
            return new OperationCase(
                    s + " " + activation.kind(),
                    s.n,
                    (bench, from, to) -> {
                        Buffer dx = bench.floatOutput((to - from) * s.in);
                        bench.operations()
                                .at(precision)
                                .denseInputGradient(
                                        to - from,
                                        s.in,
                                        s.out,
                                        bench.floats(cut(dy, s.out, from, to)),
                                        bench.floats(w),
                                        activation,
                                        none ? null : bench.floats(cut(before, s.in, from, to)),
                                        dx);
                        return Bench.read(dx);
                    },
                    () -> {
                        double[] product = DenseReference.inputGradient(
                                s.n, s.in, s.out, rounded(precision, dy), rounded(precision, w));
                        double[] size = DenseReference.inputGradient(
                                s.n, s.in, s.out, abs(rounded(precision, dy)), abs(rounded(precision, w)));
                        double[] y = widen(before);
                        double[] dx = ActivationReference.gradient(activation, y, product);
                        double[] tolerance = new double[dx.length];
                        for (int i = 0; i < dx.length; i++) {
                            tolerance[i] = (s.out + 2) * unit(precision) * size[i]
                                    + ElementCases.derivativeError(activation, product[i], dx[i]);
                        }
                        return new Expected(dx, tolerance);
                    });
        });
    }

    static Stream<OperationCase> weightGradient(Precision precision) {
        return sizes().map(s -> {
            Random random = random(s.toString());
            float[] x = uniform(random, s.n * s.in, 0, 1);
            float[] dy = uniform(random, s.n * s.out, -1, 1);
            return new OperationCase(
                    s.toString(),
                    1,
                    (bench, from, to) -> {
                        Buffer dw = bench.floatOutput(s.in * s.out);
                        Buffer db = bench.floatOutput(s.out);
                        bench.operations()
                                .at(precision)
                                .denseWeightGradient(s.n, s.in, s.out, bench.floats(x), bench.floats(dy), dw, db);
                        return Bench.read(dw, db);
                    },
                    () -> {
                        double[] values = concat(
                                DenseReference.weightGradient(
                                        s.n, s.in, s.out, rounded(precision, x), rounded(precision, dy)),
                                DenseReference.biasGradient(s.n, s.out, widen(dy)));
                        double[] tolerance = concat(
                                DenseReference.weightGradient(
                                        s.n, s.in, s.out, abs(rounded(precision, x)), abs(rounded(precision, dy))),
                                DenseReference.biasGradient(s.n, s.out, abs(widen(dy))));
                        for (int i = 0; i < tolerance.length; i++) {
                            tolerance[i] *= (s.n + 2) * unit(precision);
                        }
                        return new Expected(values, tolerance);
                    });
        });
    }

    static Stream<OperationCase> linfStep(Precision precision) {
        return sizes().map(s -> {
            Random random = random(s.toString());
            float[] dy = uniform(random, s.n * s.out, -1, 1);
            float[] w = uniform(random, s.in * s.out, -1, 1);
            float[] origin = uniform(random, s.n * s.in, 0, 1);
            float step = 0.01f;
            Loop.Rule rule = new Loop.Rule(new ThreatModel(Norm.LINF, 0.1f), 1, step, 1, Start.ORIGINAL, false);
            return new OperationCase(
                    s.toString(),
                    s.n,
                    (bench, from, to) -> {
                        Buffer x = bench.floats(cut(origin, s.in, from, to));
                        Loop loop =
                                bench.loop(to - from, rule, cut(origin, s.in, from, to), new int[to - from], x, null);
                        bench.operations()
                                .at(precision)
                                .denseLinfStep(
                                        s.out, bench.floats(cut(dy, s.out, from, to)), bench.floats(w), loop, s.in);
                        return Bench.read(x);
                    },
                    () -> {
                        double[] g = DenseReference.inputGradient(
                                s.n, s.in, s.out, rounded(precision, dy), rounded(precision, w));
                        double[] size = DenseReference.inputGradient(
                                s.n, s.in, s.out, abs(rounded(precision, dy)), abs(rounded(precision, w)));
                        double[] x = new double[g.length];
                        double[] tolerance = new double[g.length];
                        for (int i = 0; i < x.length; i++) {
                            x[i] = Math.min(1, Math.max(0, origin[i] + step * Math.signum(g[i])));
                            // Where rounding can turn the gradient's sign, either side is right.
                            boolean clear = Math.abs(g[i]) > (s.out + 2) * unit(precision) * size[i];
                            tolerance[i] = clear ? ROUNDOFF : 2 * step + ROUNDOFF;
                        }
                        return new Expected(x, tolerance);
                    });
        });
    }

    static double[] concat(double[] first, double[] second) {
        double[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
