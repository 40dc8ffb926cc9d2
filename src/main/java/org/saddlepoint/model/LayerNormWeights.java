package org.saddlepoint.model;

import org.saddlepoint.device.Buffer;

/** Weights of layer normalisation. */
record LayerNormWeights(Buffer weight, Buffer bias, Buffer weightGradient, Buffer biasGradient)
        implements LayerWeights {}
