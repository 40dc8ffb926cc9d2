package org.saddlepoint.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Recurrence;

/** Back-propagation through all steps of a recurrent layer. */
public class RecurrentBackward extends RecurrentBenchmark {
    private float[] activated;
    private float[] given;
    private Buffer gateBuffer;
    private Buffer stateBuffer;
    private Buffer memory;
    private Buffer givenBuffer;
    private Buffer dGates;
    private Buffer dHidden;

    @Override
    void prepareMore() {
        activated = uniform(gates, 0, 1);
        given = uniform(states, -1, 1);
        gateBuffer = buffer(activated);
        stateBuffer = buffer(uniform(states, -1, 1));
        memory = memory();
        givenBuffer = buffer(given);
        dGates = arena().floats(gates);
        dHidden = recurrence.kind() == Recurrence.Kind.GRU ? arena().floats(gates) : null;
    }

    /** One batch. */
    @Benchmark
    public void run(Work work) {
        operations
                .sequences()
                .recurrentBackward(
                        n, recurrence, gateBuffer, uBuffer, stateBuffer, memory, givenBuffer, true, dGates, dHidden);
        count(work);
    }

    /** The last step, which nothing comes after: tanh's derivative, that of the candidate for GRU, of the output gate for LSTM. */
    @Override
    void check() {
        float[] found = dGates.floats(gates);
        float[] kept = memory == null ? new float[states] : memory.floats(states);
        int hidden = recurrence.hidden();
        for (int cell = recurrence.steps() - 1; cell < n * recurrence.steps(); cell += recurrence.steps()) {
            for (int j = 0; j < hidden; j++) {
                int at = cell * hidden + j;
                int last = cell * gateSize + gateSize - hidden + j;
                double v = activated[last];
                double want = given[at]
                        * switch (recurrence.kind()) {
                            case RNN_TANH -> 1 - v * v;
                            case RNN_RELU -> v > 0 ? 1 : 0;
                            case LSTM -> Math.tanh(kept[at]) * v * (1 - v);
                            case GRU -> (1 - activated[last - hidden]) * (1 - v * v);
                        };
                Reference.requireNear("gate gradient", last, want, found[last], 1e-5);
            }
        }
    }
}
