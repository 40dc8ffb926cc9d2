package org.saddlepoint.model;

import java.util.List;
import java.util.Objects;
import org.saddlepoint.device.Recurrence;
import org.saddlepoint.device.Recurrence.Kind;

/**
 * A recurrent layer over sequences (steps x features), in PyTorch's conventions and with its tensors' names.
 *
 * @param kind of cell
 * @param in features of a step, at least 1
 * @param hidden features of the state, at least 1
 * @param sequence whether the states of all steps are the output (steps x hidden), or the last alone (hidden)
 */
public record Recurrent(Kind kind, int in, int hidden, boolean sequence) implements Layer {
    /** Checks the sizes. */
    public Recurrent {
        Objects.requireNonNull(kind, "a recurrent layer needs a kind");
        if (in < 1 || hidden < 1) {
            throw new IllegalArgumentException(
                    "a recurrent layer of " + in + " to " + hidden + " features: both must be at least 1");
        }
        if ((long) kind.gates() * hidden * Math.max(in, hidden) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a recurrent layer of " + in + " to " + hidden + " features has more than 2^31 - 1 weights");
        }
    }

    @Override
    public Shape output(Shape input) {
        List<Integer> sizes = input.dimensions();
        if (sizes.size() != 2 || sizes.get(1) != in) {
            throw new IllegalArgumentException("a recurrent layer of " + in + " features cannot take an input of shape "
                    + input + ": it needs STEPSx" + in);
        }
        return sequence ? Shape.of(sizes.get(0), hidden) : Shape.of(hidden);
    }

    @Override
    public long flops(Shape input) {
        return 2L * input.dimensions().getFirst() * kind.gates() * hidden * ((long) in + hidden);
    }

    @Override
    public List<TensorSpec> tensors() {
        int gates = kind.gates() * hidden;
        return List.of(
                new TensorSpec("weight_ih_l0", List.of(gates, in)),
                new TensorSpec("weight_hh_l0", List.of(gates, hidden)),
                new TensorSpec("bias_ih_l0", List.of(gates)),
                new TensorSpec("bias_hh_l0", List.of(gates)));
    }

    /** What the device is told, for inputs of a shape. */
    Recurrence on(Shape input) {
        return new Recurrence(kind, input.dimensions().getFirst(), in, hidden);
    }
}
