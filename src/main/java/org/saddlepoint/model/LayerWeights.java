package org.saddlepoint.model;

import org.saddlepoint.device.Operations;

/** One layer's part of a model's parameters on a device, with what is prepared from them. */
interface LayerWeights {
    /** Brings what was prepared up to date. */
    default void refresh(Operations operations) {}
}
