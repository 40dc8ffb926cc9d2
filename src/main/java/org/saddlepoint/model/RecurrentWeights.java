package org.saddlepoint.model;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Operations;

/** Weights of a recurrent layer: of its inputs, a dense product; and of its states. */
record RecurrentWeights(DenseWeights inputs, Buffer weight, Buffer bias, Buffer weightGradient, Buffer biasGradient)
        implements LayerWeights {
    @Override
    public void refresh(Operations operations) {
        inputs.refresh(operations);
    }
}
