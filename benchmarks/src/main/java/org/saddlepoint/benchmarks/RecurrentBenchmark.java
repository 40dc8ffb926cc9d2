package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Param;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Recurrence;

/** A part of a recurrent layer; its floating-point operations are those of the hidden products. */
public abstract class RecurrentBenchmark extends OperationBenchmark {
    /** Examples x steps x features of a state. */
    @Param({"128x28x128", "32x28x256", "61x9x65"})
    public String shape;

    /** Kind of cell. */
    @Param({"RNN_TANH", "LSTM", "GRU"})
    public String cell;

    int n;
    Recurrence recurrence;
    int gateSize;
    int states;
    int gates;
    float[] u;
    Buffer uBuffer;
    Buffer biasBuffer;

    @Override
    final void prepare() {
        int[] sizes = numbers(shape);
        n = sizes[0];
        recurrence = new Recurrence(Recurrence.Kind.valueOf(cell), sizes[1], 1, sizes[2]);
        gateSize = recurrence.gateSize();
        states = n * sizes[1] * sizes[2];
        gates = n * sizes[1] * gateSize;
        u = uniform(gateSize * sizes[2], -0.1, 0.1);
        uBuffer = buffer(u);
        biasBuffer = buffer(uniform(gateSize, -1, 1));
        prepareMore();
    }

    abstract void prepareMore();

    /** LSTM and GRU keep one value a state. */
    Buffer memory() {
        return recurrence.kind().gates() > 1 ? buffer(uniform(states, -1, 1)) : null;
    }

    void count(Work work) {
        work.flops += 2.0 * n * recurrence.steps() * gateSize * recurrence.hidden();
    }
}
