package org.saddlepoint.model;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Operations;

/**
 * Forward and backward passes of a bound model in evaluation mode, inside {@link BoundModel#together}: work that treats each
 * example for itself, which a device may divide by examples and leave undone for those that need it no longer. Nothing may
 * be read on the host meanwhile.
 */
public final class Passes implements Queries {
    private final Pass pass;
    private final BoundSequence sequence;
    private final int n;

    Passes(Pass pass, BoundSequence sequence, int n) {
        this.pass = pass;
        this.sequence = sequence;
        this.n = n;
    }

    @Override
    public Operations operations() {
        return pass.operations();
    }

    @Override
    public Buffer forward(Buffer x) {
        return sequence.forward(pass, n, x);
    }

    /**
     * Where a loss of the last forward pass leaves its gradient.
     *
     * @return n x classes, with respect to the logits
     */
    public Buffer logitGradient() {
        return sequence.gradients().getLast();
    }

    /**
     * The gradient with respect to the input of the last forward pass, from {@link #logitGradient}.
     *
     * @param dx n x d, overwritten
     */
    public void inputGradient(Buffer dx) {
        BoundLayer last = sequence.layers().getLast();
        last.throughOwnActivation(pass.operations(), n, logitGradient());
        sequence.backward(pass, n, 0);
        sequence.inputGradient(pass, n, null, dx);
    }
}
