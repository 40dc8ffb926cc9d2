package org.saddlepoint.device;

/**
 * A recurrent layer over sequences of one length, in PyTorch's conventions: gates i, f, g, o (LSTM) and r, z, n (GRU, whose
 * reset gate multiplies the hidden product with its bias), states zero at the start.
 *
 * @param kind of cell
 * @param steps of a sequence
 * @param in features of a step
 * @param hidden features of a state
 */
public record Recurrence(Kind kind, int steps, int in, int hidden) {
    /** Kinds of cells; the order is that of the native interface. */
    public enum Kind {
        /** h = tanh(W x + b + U h + c) (Elman 1990). */
        RNN_TANH(1),
        /** h = max(0, W x + b + U h + c). */
        RNN_RELU(1),
        /** Long short-term memory (Hochreiter and Schmidhuber 1997), with a forget gate. */
        LSTM(4),
        /** Gated recurrent unit (Cho et al. 2014). */
        GRU(3);

        private final int gates;

        Kind(int gates) {
            this.gates = gates;
        }

        /**
         * Gates, each as wide as the state.
         *
         * @return 1, 3 or 4
         */
        public int gates() {
            return gates;
        }
    }

    /**
     * Features of all gates.
     *
     * @return gates x hidden
     */
    public int gateSize() {
        return kind.gates() * hidden;
    }
}
