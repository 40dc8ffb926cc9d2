package org.saddlepoint.model;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Operations;

/** Where an attack without gradients asks, inside {@link BoundVictim#query}. Nothing may be read on the host meanwhile. */
public interface Queries {
    /**
     * The operations to call meanwhile, and no others.
     *
     * @return of the victim's device
     */
    Operations operations();

    /**
     * Asks about inputs: one query of each example that is not done.
     *
     * @param x n x d
     * @return n x classes: the logits, valid until the next question; of examples that are done, any
     */
    Buffer forward(Buffer x);
}
