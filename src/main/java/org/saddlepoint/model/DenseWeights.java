package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.Operations;

/** Weights of a dense product: out x in. */
final class DenseWeights implements LayerWeights {
    private final int in;
    private final int out;
    private final Buffer weight;
    private final Buffer bias;
    private final Buffer prepared;
    private final Buffer weightGradient;
    private final Buffer biasGradient;
    private final Operations operations;
    private final BufferArena arena;
    private @Nullable Halves halves;

    DenseWeights(
            int in,
            int out,
            Buffer weight,
            Buffer bias,
            Buffer weightGradient,
            Buffer biasGradient,
            Operations operations,
            BufferArena arena) {
        this.in = in;
        this.out = out;
        this.weight = weight;
        this.bias = bias;
        this.prepared = arena.floats(operations.preparedLength(in, out));
        this.weightGradient = weightGradient;
        this.biasGradient = biasGradient;
        this.operations = operations;
        this.arena = arena;
    }

    /** The weights as bfloat16, prepared for the forward product and for the input gradient. */
    record Halves(Buffer forward, Buffer backward) {}

    int in() {
        return in;
    }

    int out() {
        return out;
    }

    Buffer weight() {
        return weight;
    }

    Buffer bias() {
        return bias;
    }

    Buffer prepared() {
        return prepared;
    }

    Buffer weightGradient() {
        return weightGradient;
    }

    Buffer biasGradient() {
        return biasGradient;
    }

    /** The bfloat16 copies, kept up to date from the first call on. */
    synchronized Halves halves() {
        if (halves == null) {
            long length = operations.preparedHalvesLength(in, out);
            Halves both = new Halves(
                    arena.allocate(ElementType.BFLOAT16, length), arena.allocate(ElementType.BFLOAT16, length));
            operations.prepareDenseHalves(in, out, weight, both.forward, both.backward);
            halves = both;
        }
        return halves;
    }

    synchronized boolean hasHalves() {
        return halves != null;
    }

    @Override
    public synchronized void refresh(Operations with) {
        with.prepareDense(in, out, weight, prepared);
        if (halves != null) {
            with.prepareDenseHalves(in, out, weight, halves.forward, halves.backward);
        }
    }
}
