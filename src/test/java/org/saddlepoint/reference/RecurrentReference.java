package org.saddlepoint.reference;

import org.saddlepoint.device.Recurrence;

/** Recurrent layers, step by step and unit by unit: gates n x steps x gateSize, states and memory n x steps x hidden. */
public final class RecurrentReference {
    private RecurrentReference() {}

    /**
     * What the forward pass leaves.
     *
     * @param gates activated
     * @param states h
     * @param memory LSTM: c; GRU: (U h + c)_n; else zeros
     */
    @SuppressWarnings("ArrayRecordComponent") // a triple of results, never compared
    public record Pass(double[] gates, double[] states, double[] memory) {}

    /**
     * Gradients with respect to the gates.
     *
     * @param gates W x + b
     * @param hidden U h + c
     */
    @SuppressWarnings("ArrayRecordComponent") // a pair of results, never compared
    public record Gradients(double[] gates, double[] hidden) {}

    /** x holds W x + b. */
    public static Pass forward(int n, Recurrence shape, double[] x, double[] u, double[] c) {
        int hidden = shape.hidden();
        int size = shape.gateSize();
        double[] gates = x.clone();
        double[] states = new double[n * shape.steps() * hidden];
        double[] memory = new double[states.length];
        for (int cell = 0; cell < n * shape.steps(); cell++) {
            boolean first = cell % shape.steps() == 0;
            double[] product = new double[size];
            for (int g = 0; g < size; g++) {
                product[g] = c[g];
                for (int k = 0; k < hidden && !first; k++) {
                    product[g] += u[g * hidden + k] * states[(cell - 1) * hidden + k];
                }
            }
            for (int j = 0; j < hidden; j++) {
                int at = cell * hidden + j;
                int gate = cell * size + j;
                double before = first ? 0 : states[at - hidden];
                switch (shape.kind()) {
                    case RNN_TANH -> states[at] = gates[gate] = Math.tanh(x[gate] + product[j]);
                    case RNN_RELU -> states[at] = gates[gate] = Math.max(0, x[gate] + product[j]);
                    case LSTM -> {
                        double i = sigmoid(x[gate] + product[j]);
                        gates[gate] = i;
                        double f = sigmoid(x[gate + hidden] + product[j + hidden]);
                        gates[gate + hidden] = f;
                        double g = Math.tanh(x[gate + 2 * hidden] + product[j + 2 * hidden]);
                        gates[gate + 2 * hidden] = g;
                        double o = sigmoid(x[gate + 3 * hidden] + product[j + 3 * hidden]);
                        gates[gate + 3 * hidden] = o;
                        memory[at] = f * (first ? 0 : memory[at - hidden]) + i * g;
                        states[at] = o * Math.tanh(memory[at]);
                    }
                    case GRU -> {
                        double r = sigmoid(x[gate] + product[j]);
                        gates[gate] = r;
                        double z = sigmoid(x[gate + hidden] + product[j + hidden]);
                        gates[gate + hidden] = z;
                        memory[at] = product[j + 2 * hidden];
                        double candidate = Math.tanh(x[gate + 2 * hidden] + r * memory[at]);
                        gates[gate + 2 * hidden] = candidate;
                        states[at] = (1 - z) * candidate + z * before;
                    }
                }
            }
        }
        return new Pass(gates, states, memory);
    }

    /** dStates n x steps x hidden. */
    public static Gradients backward(int n, Recurrence shape, Pass pass, double[] u, double[] dStates) {
        int hidden = shape.hidden();
        int size = shape.gateSize();
        double[] gates = pass.gates();
        double[] dGates = new double[gates.length];
        double[] dHidden = new double[gates.length];
        double[] dh = dStates.clone();
        double[] dc = new double[dh.length];
        for (int cell = n * shape.steps() - 1; cell >= 0; cell--) {
            boolean first = cell % shape.steps() == 0;
            for (int j = 0; j < hidden; j++) {
                int at = cell * hidden + j;
                int gate = cell * size + j;
                double v = gates[gate];
                switch (shape.kind()) {
                    case RNN_TANH -> dHidden[gate] = dGates[gate] = dh[at] * (1 - v * v);
                    case RNN_RELU -> dHidden[gate] = dGates[gate] = v > 0 ? dh[at] : 0;
                    case LSTM -> {
                        double f = gates[gate + hidden];
                        double g = gates[gate + 2 * hidden];
                        double o = gates[gate + 3 * hidden];
                        double tanh = Math.tanh(pass.memory()[at]);
                        double through = dh[at] * o * (1 - tanh * tanh) + dc[at];
                        double before = first ? 0 : pass.memory()[at - hidden];
                        dGates[gate] = through * g * v * (1 - v);
                        dGates[gate + hidden] = through * before * f * (1 - f);
                        dGates[gate + 2 * hidden] = through * v * (1 - g * g);
                        dGates[gate + 3 * hidden] = dh[at] * tanh * o * (1 - o);
                        for (int k = 0; k < 4; k++) {
                            dHidden[gate + k * hidden] = dGates[gate + k * hidden];
                        }
                        if (!first) {
                            dc[at - hidden] += through * f;
                        }
                    }
                    case GRU -> {
                        double z = gates[gate + hidden];
                        double candidate = gates[gate + 2 * hidden];
                        double before = first ? 0 : pass.states()[at - hidden];
                        double inner = dh[at] * (1 - z) * (1 - candidate * candidate);
                        dHidden[gate] = dGates[gate] = inner * pass.memory()[at] * v * (1 - v);
                        dHidden[gate + hidden] = dGates[gate + hidden] = dh[at] * (before - candidate) * z * (1 - z);
                        dGates[gate + 2 * hidden] = inner;
                        dHidden[gate + 2 * hidden] = inner * v;
                        if (!first) {
                            dh[at - hidden] += dh[at] * z;
                        }
                    }
                }
            }
            for (int k = 0; k < hidden && !first; k++) {
                for (int g = 0; g < size; g++) {
                    dh[(cell - 1) * hidden + k] += dHidden[cell * size + g] * u[g * hidden + k];
                }
            }
        }
        return new Gradients(dGates, dHidden);
    }

    /** With respect to U. */
    public static double[] weightGradient(int n, Recurrence shape, double[] states, double[] dHidden) {
        int hidden = shape.hidden();
        int size = shape.gateSize();
        double[] du = new double[size * hidden];
        for (int cell = 0; cell < n * shape.steps(); cell++) {
            for (int g = 0; g < size && cell % shape.steps() != 0; g++) {
                for (int k = 0; k < hidden; k++) {
                    du[g * hidden + k] += dHidden[cell * size + g] * states[(cell - 1) * hidden + k];
                }
            }
        }
        return du;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
