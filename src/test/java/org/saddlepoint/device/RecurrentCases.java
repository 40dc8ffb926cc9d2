package org.saddlepoint.device;

import static org.saddlepoint.device.OperationCase.cut;
import static org.saddlepoint.device.OperationCase.interleave;
import static org.saddlepoint.device.OperationCase.random;
import static org.saddlepoint.reference.Values.ROUNDOFF;
import static org.saddlepoint.reference.Values.abs;
import static org.saddlepoint.reference.Values.uniform;
import static org.saddlepoint.reference.Values.widen;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.device.Recurrence.Kind;
import org.saddlepoint.reference.DenseReference;
import org.saddlepoint.reference.RecurrentReference;

/**
 * Recurrent layers. Errors go from step to step: beside each value stands a bound of its error, to first order, carried
 * through the same formulas: a product of K terms is off by (K + 3) roundings of the sum of absolute ones (see {@link
 * DenseCases}), sigmoid and tanh by 8 roundings of their own, and what comes in is multiplied by the derivative. SLACK is for
 * the second order.
 */
final class RecurrentCases {
    private static final double SLACK = 1.01;
    private static final double FUNCTION = 8 * ROUNDOFF; // of sigmoid and tanh, whose values are at most 1
    private static final int[] EXAMPLES = {1, 7, 8, 33};
    private static final int[] FEATURES = {1, 3, 16, 31, 32, 65};
    private static final int[] STEPS = {1, 2, 5, 9};

    private record Size(int n, Recurrence shape) {
        int gates() {
            return shape.steps() * shape.gateSize();
        }

        int states() {
            return shape.steps() * shape.hidden();
        }
    }

    private RecurrentCases() {}

    private static Stream<Size> sizes() {
        return Stream.of(Kind.values())
                .flatMap(kind -> IntStream.of(EXAMPLES)
                        .boxed()
                        .flatMap(n -> IntStream.of(FEATURES)
                                .mapToObj(hidden -> new Size(
                                        n, new Recurrence(kind, STEPS[(n + hidden) % STEPS.length], 1, hidden)))));
    }

    /** Weights whose hidden product is of the order of 1. */
    private static float[] weights(Size s, Random random) {
        double bound = 2.0 / Math.sqrt(s.shape.hidden());
        return uniform(random, s.shape.gateSize() * s.shape.hidden(), -bound, bound);
    }

    private static boolean remembers(Size s) {
        return s.shape.kind().gates() > 1;
    }

    static Stream<OperationCase> forward() {
        return sizes().map(s -> {
            Random random = random(s.toString());
            float[] x = uniform(random, s.n * s.gates(), -2, 2);
            float[] u = weights(s, random);
            float[] c = uniform(random, s.shape.gateSize(), -1, 1);
            return new OperationCase(
                    s.toString(),
                    s.n,
                    (bench, from, to) -> {
                        Buffer gates = bench.floats(cut(x, s.gates(), from, to));
                        Buffer states = bench.floatOutput((to - from) * s.states());
                        Buffer memory = remembers(s) ? bench.floatOutput((to - from) * s.states()) : null;
                        bench.operations()
                                .sequences()
                                .recurrentForward(
                                        to - from, s.shape, gates, bench.floats(u), bench.floats(c), states, memory);
                        return memory == null
                                ? interleave(to - from, Bench.read(gates), Bench.read(states))
                                : interleave(to - from, Bench.read(gates), Bench.read(states), Bench.read(memory));
                    },
                    () -> {
                        RecurrentReference.Pass pass =
                                RecurrentReference.forward(s.n, s.shape, widen(x), widen(u), widen(c));
                        RecurrentReference.Pass error = forwardError(s, pass, widen(x), widen(u), widen(c));
                        return remembers(s)
                                ? new Expected(
                                        interleave(s.n, pass.gates(), pass.states(), pass.memory()),
                                        interleave(s.n, error.gates(), error.states(), error.memory()))
                                : new Expected(
                                        interleave(s.n, pass.gates(), pass.states()),
                                        interleave(s.n, error.gates(), error.states()));
                    });
        });
    }

    private static RecurrentReference.Pass forwardError(
            Size s, RecurrentReference.Pass pass, double[] x, double[] u, double[] c) {
        int hidden = s.shape.hidden();
        int size = s.shape.gateSize();
        double[] gates = pass.gates();
        double[] ofGates = new double[gates.length];
        double[] ofStates = new double[pass.states().length];
        double[] ofMemory = new double[ofStates.length];
        for (int cell = 0; cell < s.n * s.shape.steps(); cell++) {
            boolean first = cell % s.shape.steps() == 0;
            double[] ofSum = new double[size]; // of W x + b + U h + c
            for (int g = 0; g < size; g++) {
                double terms = Math.abs(x[cell * size + g]) + Math.abs(c[g]);
                for (int k = 0; k < hidden && !first; k++) {
                    int before = (cell - 1) * hidden + k;
                    terms += Math.abs(u[g * hidden + k] * pass.states()[before]);
                    ofSum[g] += Math.abs(u[g * hidden + k]) * ofStates[before];
                }
                ofSum[g] = SLACK * (ofSum[g] + (hidden + 3) * ROUNDOFF * terms);
            }
            for (int j = 0; j < hidden; j++) {
                int at = cell * hidden + j;
                int gate = cell * size + j;
                double ofBefore = first ? 0 : ofStates[at - hidden];
                switch (s.shape.kind()) {
                    case RNN_TANH ->
                        ofStates[at] = ofGates[gate] = (1 - gates[gate] * gates[gate]) * ofSum[j] + FUNCTION;
                    case RNN_RELU -> ofStates[at] = ofGates[gate] = ofSum[j];
                    case LSTM -> {
                        for (int k = 0; k < 4; k++) {
                            double v = gates[gate + k * hidden];
                            double slope = k == 2 ? 1 - v * v : v * (1 - v);
                            ofGates[gate + k * hidden] = slope * ofSum[j + k * hidden] + FUNCTION;
                        }
                        double memory = pass.memory()[at];
                        double before = first ? 0 : pass.memory()[at - hidden];
                        double i = gates[gate];
                        double f = gates[gate + hidden];
                        double g = gates[gate + 2 * hidden];
                        double o = gates[gate + 3 * hidden];
                        ofMemory[at] = SLACK
                                * (f * (first ? 0 : ofMemory[at - hidden])
                                        + Math.abs(before) * ofGates[gate + hidden]
                                        + Math.abs(g) * ofGates[gate]
                                        + i * ofGates[gate + 2 * hidden]
                                        + 2 * ROUNDOFF * (Math.abs(f * before) + Math.abs(i * g)));
                        double tanh = Math.tanh(memory);
                        ofStates[at] = SLACK
                                * (Math.abs(tanh) * ofGates[gate + 3 * hidden]
                                        + o * ((1 - tanh * tanh) * ofMemory[at] + FUNCTION)
                                        + ROUNDOFF);
                    }
                    case GRU -> {
                        double r = gates[gate];
                        double z = gates[gate + hidden];
                        double n = gates[gate + 2 * hidden];
                        double before = first ? 0 : pass.states()[at - hidden];
                        ofGates[gate] = r * (1 - r) * ofSum[j] + FUNCTION;
                        ofGates[gate + hidden] = z * (1 - z) * ofSum[j + hidden] + FUNCTION;
                        ofMemory[at] = ofSum[j + 2 * hidden];
                        double inner = ofSum[j + 2 * hidden] + Math.abs(pass.memory()[at]) * ofGates[gate];
                        ofGates[gate + 2 * hidden] = SLACK * ((1 - n * n) * inner + FUNCTION);
                        ofStates[at] = SLACK
                                * ((1 - z) * ofGates[gate + 2 * hidden]
                                        + z * ofBefore
                                        + Math.abs(before - n) * ofGates[gate + hidden]
                                        + 3 * ROUNDOFF);
                    }
                }
            }
        }
        return new RecurrentReference.Pass(ofGates, ofStates, ofMemory);
    }

    static Stream<OperationCase> backward() {
        return sizes().map(s -> {
            Random random = random("back " + s);
            float[] u = weights(s, random);
            RecurrentReference.Pass exact = RecurrentReference.forward(
                    s.n,
                    s.shape,
                    widen(uniform(random, s.n * s.gates(), -2, 2)),
                    widen(u),
                    widen(uniform(random, s.shape.gateSize(), -1, 1)));
            float[] gates = narrow(exact.gates());
            float[] states = narrow(exact.states());
            float[] memory = narrow(exact.memory());
            boolean all = (s.n + s.shape.hidden()) % 2 == 0;
            int width = all ? s.states() : s.shape.hidden();
            float[] dStates = uniform(random, s.n * width, -1, 1);
            boolean apart = s.shape.kind() == Kind.GRU;
            return new OperationCase(
                    s.toString(),
                    s.n,
                    (bench, from, to) -> {
                        Buffer dGates = bench.floatOutput((to - from) * s.gates());
                        Buffer dHidden = apart ? bench.floatOutput((to - from) * s.gates()) : null;
                        bench.operations()
                                .sequences()
                                .recurrentBackward(
                                        to - from,
                                        s.shape,
                                        bench.floats(cut(gates, s.gates(), from, to)),
                                        bench.floats(u),
                                        bench.floats(cut(states, s.states(), from, to)),
                                        remembers(s) ? bench.floats(cut(memory, s.states(), from, to)) : null,
                                        bench.floats(cut(dStates, width, from, to)),
                                        all,
                                        dGates,
                                        dHidden);
                        return dHidden == null
                                ? Bench.read(dGates)
                                : interleave(to - from, Bench.read(dGates), Bench.read(dHidden));
                    },
                    () -> {
                        RecurrentReference.Pass pass =
                                new RecurrentReference.Pass(widen(gates), widen(states), widen(memory));
                        double[] given = allSteps(s, widen(dStates), all);
                        RecurrentReference.Gradients g =
                                RecurrentReference.backward(s.n, s.shape, pass, widen(u), given);
                        RecurrentReference.Gradients error = backwardError(s, pass, widen(u), given, g);
                        return apart
                                ? new Expected(
                                        interleave(s.n, g.gates(), g.hidden()),
                                        interleave(s.n, error.gates(), error.hidden()))
                                : new Expected(g.gates(), error.gates());
                    });
        });
    }

    private static float[] narrow(double[] values) {
        float[] out = new float[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) values[i];
        }
        return out;
    }

    private static double[] allSteps(Size s, double[] dStates, boolean all) {
        if (all) {
            return dStates;
        }
        int hidden = s.shape.hidden();
        double[] out = new double[s.n * s.states()];
        for (int i = 0; i < s.n; i++) {
            System.arraycopy(dStates, i * hidden, out, (i + 1) * s.states() - hidden, hidden);
        }
        return out;
    }

    private static RecurrentReference.Gradients backwardError(
            Size s, RecurrentReference.Pass pass, double[] u, double[] given, RecurrentReference.Gradients g) {
        int hidden = s.shape.hidden();
        int size = s.shape.gateSize();
        double[] gates = pass.gates();
        double[] ofGates = new double[gates.length];
        double[] ofHidden = new double[gates.length];
        double[] dh = new double[given.length];
        double[] ofState = new double[given.length];
        double[] ofMemory = new double[given.length]; // LSTM: of the gradient that goes to the cell's state
        double[] dc = new double[given.length];
        for (int cell = s.n * s.shape.steps() - 1; cell >= 0; cell--) {
            boolean first = cell % s.shape.steps() == 0;
            boolean last = (cell + 1) % s.shape.steps() == 0;
            for (int j = 0; j < hidden; j++) {
                int at = cell * hidden + j;
                int gate = cell * size + j;
                double terms = Math.abs(given[at]);
                dh[at] = given[at];
                for (int k = 0; k < size && !last; k++) {
                    int later = (cell + 1) * size + k;
                    double weight = u[k * hidden + j];
                    dh[at] += g.hidden()[later] * weight;
                    terms += Math.abs(g.hidden()[later] * weight);
                    ofState[at] += ofHidden[later] * Math.abs(weight);
                }
                if (s.shape.kind() == Kind.GRU && !last) {
                    double z = gates[gate + size + hidden];
                    dh[at] += dh[at + hidden] * z;
                    terms += Math.abs(dh[at + hidden] * z);
                    ofState[at] += ofState[at + hidden] * z;
                }
                ofState[at] = SLACK * (ofState[at] + (size + 3) * ROUNDOFF * terms);
                double v = gates[gate];
                switch (s.shape.kind()) {
                    case RNN_TANH ->
                        ofHidden[gate] =
                                ofGates[gate] = SLACK * ((1 - v * v) * ofState[at] + 3 * ROUNDOFF * Math.abs(dh[at]));
                    case RNN_RELU -> ofHidden[gate] = ofGates[gate] = v > 0 ? ofState[at] : 0;
                    case LSTM -> {
                        double f = gates[gate + hidden];
                        double candidate = gates[gate + 2 * hidden];
                        double o = gates[gate + 3 * hidden];
                        double tanh = Math.tanh(pass.memory()[at]);
                        double slope = o * (1 - tanh * tanh);
                        double later = last ? 0 : dc[at];
                        double through = dh[at] * slope + later;
                        double before = first ? 0 : pass.memory()[at - hidden];
                        // 1 - tanh^2 is off by twice tanh's error and two roundings.
                        double ofThrough = SLACK
                                * (slope * ofState[at]
                                        + Math.abs(dh[at] * o) * (2 * FUNCTION + 4 * ROUNDOFF)
                                        + ofMemory[at]
                                        + ROUNDOFF * Math.abs(later));
                        double[] factor = {
                            candidate * v * (1 - v), before * f * (1 - f), v * (1 - candidate * candidate)
                        };
                        for (int k = 0; k < 3; k++) {
                            ofGates[gate + k * hidden] =
                                    SLACK * (Math.abs(factor[k]) * ofThrough + 5 * ROUNDOFF * Math.abs(through));
                        }
                        ofGates[gate + 3 * hidden] = SLACK
                                * (Math.abs(tanh) * o * (1 - o) * ofState[at]
                                        + Math.abs(dh[at]) * o * (1 - o) * (FUNCTION + 5 * ROUNDOFF));
                        for (int k = 0; k < 4; k++) {
                            ofHidden[gate + k * hidden] = ofGates[gate + k * hidden];
                        }
                        if (!first) {
                            dc[at - hidden] = through * f;
                            ofMemory[at - hidden] = SLACK * (f * ofThrough + ROUNDOFF * Math.abs(through * f));
                        }
                    }
                    case GRU -> {
                        double z = gates[gate + hidden];
                        double candidate = gates[gate + 2 * hidden];
                        double before = first ? 0 : pass.states()[at - hidden];
                        double slope = (1 - z) * (1 - candidate * candidate);
                        double inner = dh[at] * slope;
                        double ofInner = SLACK * (slope * ofState[at] + 5 * ROUNDOFF * Math.abs(dh[at]));
                        double reset = pass.memory()[at] * v * (1 - v);
                        double update = (before - candidate) * z * (1 - z);
                        ofGates[gate] = SLACK * (Math.abs(reset) * ofInner + 5 * ROUNDOFF * Math.abs(inner * reset));
                        ofGates[gate + hidden] =
                                SLACK * (Math.abs(update) * ofState[at] + 6 * ROUNDOFF * Math.abs(dh[at] * update));
                        ofGates[gate + 2 * hidden] = ofInner;
                        ofHidden[gate] = ofGates[gate];
                        ofHidden[gate + hidden] = ofGates[gate + hidden];
                        ofHidden[gate + 2 * hidden] = SLACK * (v * ofInner + ROUNDOFF * Math.abs(inner * v));
                    }
                }
            }
        }
        return new RecurrentReference.Gradients(ofGates, ofHidden);
    }

    static Stream<OperationCase> weightGradient() {
        return sizes().map(s -> {
            Random random = random("weights " + s);
            int size = s.shape.gateSize();
            int hidden = s.shape.hidden();
            float[] states = uniform(random, s.n * s.states(), -1, 1);
            float[] dHidden = uniform(random, s.n * s.gates(), -1, 1);
            return new OperationCase(
                    s.toString(),
                    1,
                    (bench, from, to) -> {
                        Buffer dw = bench.floatOutput(size * hidden);
                        Buffer db = bench.floatOutput(size);
                        bench.operations()
                                .sequences()
                                .recurrentWeightGradient(
                                        s.n, s.shape, bench.floats(states), bench.floats(dHidden), dw, db);
                        return join(Bench.read(dw), Bench.read(db));
                    },
                    () -> {
                        int cells = s.n * s.shape.steps();
                        double[] values = join(
                                RecurrentReference.weightGradient(s.n, s.shape, widen(states), widen(dHidden)),
                                DenseReference.biasGradient(cells, size, widen(dHidden)));
                        double[] terms = join(
                                RecurrentReference.weightGradient(
                                        s.n, s.shape, abs(widen(states)), abs(widen(dHidden))),
                                DenseReference.biasGradient(cells, size, abs(widen(dHidden))));
                        return new Expected(
                                values,
                                Arrays.stream(terms)
                                        .map(sum -> (cells + 2) * ROUNDOFF * sum)
                                        .toArray());
                    });
        });
    }

    private static double[] join(double[]... parts) {
        return Stream.of(parts).flatMapToDouble(DoubleStream::of).toArray();
    }
}
