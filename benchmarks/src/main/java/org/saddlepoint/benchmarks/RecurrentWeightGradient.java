package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.saddlepoint.device.Buffer;

/** The gradients of a recurrent layer's hidden weights and bias. */
public class RecurrentWeightGradient extends RecurrentBenchmark {
    private float[] before;
    private float[] given;
    private Buffer stateBuffer;
    private Buffer givenBuffer;
    private Buffer dWeights;
    private Buffer dBias;

    @Override
    void prepareMore() {
        before = uniform(states, -1, 1);
        given = uniform(gates, -1, 1);
        stateBuffer = buffer(before);
        givenBuffer = buffer(given);
        dWeights = arena().floats(u.length);
        dBias = arena().floats(gateSize);
    }

    /** One batch. */
    @Benchmark
    public void run(Work work) {
        operations.sequences().recurrentWeightGradient(n, recurrence, stateBuffer, givenBuffer, dWeights, dBias);
        count(work);
    }

    @Override
    void check() {
        int hidden = recurrence.hidden();
        Reference.requireProduct(
                "hidden weight gradient",
                gateSize,
                hidden,
                n * recurrence.steps(),
                (gate, cell) -> given[cell * gateSize + gate],
                (cell, j) -> cell % recurrence.steps() == 0 ? 0 : before[(cell - 1) * hidden + j],
                null,
                false,
                dWeights.floats(u.length));
    }
}
