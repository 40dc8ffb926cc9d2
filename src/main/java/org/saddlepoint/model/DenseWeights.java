package org.saddlepoint.model;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Operations;

/** Weights of a dense product: out x in. */
record DenseWeights(
        int in, int out, Buffer weight, Buffer bias, Buffer prepared, Buffer weightGradient, Buffer biasGradient)
        implements LayerWeights {
    @Override
    public void refresh(Operations operations) {
        operations.prepareDense(in, out, weight, prepared);
    }
}
