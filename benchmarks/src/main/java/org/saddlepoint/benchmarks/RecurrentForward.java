package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.saddlepoint.device.Buffer;

/** All steps of a recurrent layer; gates are overwritten, so a call's inputs are the values that the call before left. */
public class RecurrentForward extends RecurrentBenchmark {
    private Buffer gateBuffer;
    private Buffer stateBuffer;
    private Buffer memory;

    @Override
    void prepareMore() {
        gateBuffer = buffer(uniform(gates, -1, 1));
        stateBuffer = arena().floats(states);
        memory = memory();
    }

    /** One batch. */
    @Benchmark
    public void run(Work work) {
        operations.sequences().recurrentForward(n, recurrence, gateBuffer, uBuffer, biasBuffer, stateBuffer, memory);
        count(work);
    }

    /** The first steps, of which the states before are zero. */
    @Override
    void check() {
        float[] inputs = uniform(gates, -1, 1);
        gateBuffer.write(inputs);
        operations.sequences().recurrentForward(n, recurrence, gateBuffer, uBuffer, biasBuffer, stateBuffer, memory);
        float[] found = stateBuffer.floats(states);
        float[] bias = biasBuffer.floats(gateSize);
        int hidden = recurrence.hidden();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < hidden; j++) {
                double[] z = new double[4];
                for (int k = 0; k < recurrence.kind().gates(); k++) {
                    z[k] = inputs[i * recurrence.steps() * gateSize + k * hidden + j];
                }
                double[] c = new double[4];
                for (int k = 0; k < recurrence.kind().gates(); k++) {
                    c[k] = bias[k * hidden + j];
                }
                int at = i * recurrence.steps() * hidden + j;
                Reference.requireNear("state", at, first(z, c), found[at], 1e-5);
            }
        }
    }

    private double first(double[] z, double[] c) {
        return switch (recurrence.kind()) {
            case RNN_TANH -> Math.tanh(z[0] + c[0]);
            case RNN_RELU -> Math.max(0, z[0] + c[0]);
            case LSTM -> sigmoid(z[3] + c[3]) * Math.tanh(sigmoid(z[0] + c[0]) * Math.tanh(z[2] + c[2]));
            case GRU -> (1 - sigmoid(z[1] + c[1])) * Math.tanh(z[2] + sigmoid(z[0] + c[0]) * c[2]);
        };
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
