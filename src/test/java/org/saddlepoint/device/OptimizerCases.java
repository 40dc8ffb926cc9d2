package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.interleave;
import static org.saddlepoint.device.OperationCase.random;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.device.Operations.AdamSettings;
import org.saddlepoint.device.Operations.SgdSettings;
import org.saddlepoint.reference.OptimizerReference;

/** One step of an optimizer over arrays whose lengths straddle vectors and blocks; every parameter is a row. */
final class OptimizerCases {
    private static final int[] LENGTHS = {1, 2, 15, 17, 127, 1023, 1024, 1025, 70_001};

    private OptimizerCases() {}

    static Stream<OperationCase> sgd() {
        return Stream.of(
                        new SgdSettings(0.1f, 0f, false, 0f),
                        new SgdSettings(0.1f, 0f, false, 0.01f),
                        new SgdSettings(0.05f, 0.9f, false, 5e-4f),
                        new SgdSettings(0.05f, 0.9f, true, 5e-4f))
                .flatMap(settings -> IntStream.of(LENGTHS)
                        .boxed()
                        .flatMap(length -> Stream.of(sgd(settings, length, 1), sgd(settings, length, 7))));
    }

    private static OperationCase sgd(SgdSettings s, int length, int step) {
        String name = s + " step " + step + ", " + length;
        Random random = random(name);
        float[] g = uniform(random, length, -1, 1);
        float[] velocity = uniform(random, length, -1, 1);
        float[] p = uniform(random, length, -1, 1);
        boolean momentum = s.momentum() > 0;
        return new OperationCase(
                name,
                length,
                (bench, from, to) -> {
                    Buffer parameters = bench.floats(cut(p, 1, from, to));
                    Buffer state = bench.floats(cut(velocity, 1, from, to));
                    Buffer gradient = bench.floats(cut(g, 1, from, to));
                    bench.operations().sgd(to - from, gradient, s, step, momentum ? state : null, parameters);
                    return interleave(to - from, Bench.read(parameters), Bench.read(momentum ? state : gradient));
                },
                () -> {
                    double[] parameters = widen(p);
                    double[] state = widen(velocity);
                    OptimizerReference.sgd(s, step, widen(g), state, parameters);
                    double[] moved = new double[length];
                    double[] remembered = new double[length];
                    for (int i = 0; i < length; i++) {
                        // Three multiply-adds in a chain, each two roundings of the sizes of its terms at most.
                        double size = Math.abs(g[i]) + Math.abs(s.weightDecay() * p[i]) + Math.abs(velocity[i]);
                        remembered[i] = momentum ? 4 * ROUNDOFF * size : 0;
                        moved[i] = 6 * ROUNDOFF * 2 * s.learningRate() * size + 2 * ROUNDOFF * Math.abs(p[i]);
                    }
                    return new Expected(
                            interleave(length, parameters, momentum ? state : widen(g)),
                            interleave(length, moved, remembered));
                });
    }

    static Stream<OperationCase> adam() {
        return Stream.of(
                        new AdamSettings(1e-3f, 0.9f, 0.999f, 1e-8f, 0f, false),
                        new AdamSettings(1e-2f, 0.8f, 0.95f, 1e-6f, 0.01f, false),
                        new AdamSettings(1e-3f, 0.9f, 0.999f, 1e-8f, 0.1f, true))
                .flatMap(settings -> IntStream.of(LENGTHS)
                        .boxed()
                        .flatMap(length -> Stream.of(adam(settings, length, 1), adam(settings, length, 7))));
    }

    private static OperationCase adam(AdamSettings s, int length, int step) {
        String name = s + " step " + step + ", " + length;
        Random random = random(name);
        float[] g = uniform(random, length, -1, 1);
        float[] m = uniform(random, length, -0.1, 0.1);
        float[] v = uniform(random, length, 0.01, 0.1);
        float[] p = uniform(random, length, -1, 1);
        return new OperationCase(
                name,
                length,
                (bench, from, to) -> {
                    Buffer parameters = bench.floats(cut(p, 1, from, to));
                    Buffer first = bench.floats(cut(m, 1, from, to));
                    Buffer second = bench.floats(cut(v, 1, from, to));
                    Buffer gradient = bench.floats(cut(g, 1, from, to));
                    bench.operations().adam(to - from, gradient, s, step, first, second, parameters);
                    return interleave(to - from, Bench.read(parameters), Bench.read(first), Bench.read(second));
                },
                () -> {
                    double[] parameters = widen(p);
                    double[] first = widen(m);
                    double[] second = widen(v);
                    OptimizerReference.adam(s, step, widen(g), first, second, parameters);
                    return new Expected(
                            interleave(length, parameters, first, second),
                            adamTolerances(s, step, g, p, first, second));
                });
    }

    /** Roundings carried through Adam's formula; first and second are the moments after the step. */
    private static double[] adamTolerances(
            AdamSettings s, int step, float[] g, float[] p, double[] first, double[] second) {
        int length = p.length;
        double[] ofP = new double[length];
        double[] ofM = new double[length];
        double[] ofV = new double[length];
        double root = Math.sqrt(1 - Math.pow(s.beta2(), step));
        double rate = s.learningRate() / (1 - Math.pow(s.beta1(), step));
        for (int i = 0; i < length; i++) {
            double size = Math.abs(g[i]) + Math.abs(s.weightDecay() * p[i]);
            // m: the gradient's two roundings, the product's, the sum's two; of terms no larger than 0.1 + size.
            ofM[i] = 5 * ROUNDOFF * (0.1 + size);
            // v: a sum of positive terms; the gradient's error enters twice.
            ofV[i] = 8 * ROUNDOFF * (second[i] + (1 - s.beta2()) * size * size);
            double denominator = Math.sqrt(second[i]) / root + s.stabilizer();
            double update = rate * Math.abs(first[i]) / denominator;
            ofP[i] = rate * ofM[i] / denominator
                    + update * (ofV[i] / (2 * second[i]) + 8 * ROUNDOFF)
                    + 3 * ROUNDOFF * Math.abs(p[i]);
        }
        return interleave(length, ofP, ofM, ofV);
    }
}
