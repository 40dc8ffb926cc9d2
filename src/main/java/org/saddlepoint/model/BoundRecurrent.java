package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Recurrence;

/** A recurrent layer: what does not recur is a dense product over all steps of all examples. */
final class BoundRecurrent extends BoundLayer {
    private final Recurrence shape;
    private final boolean sequence;
    private final RecurrentWeights weights;
    private final Workspace workspace;

    /**
     * Buffers for a batch.
     *
     * @param gates batch x steps x gateSize
     * @param dGates as many
     * @param dHidden as many; dGates itself where the two gradients do not differ
     * @param states batch x steps x hidden
     * @param memory as many; null for a plain RNN
     */
    record Workspace(
            Buffer gates,
            Buffer dGates,
            Buffer dHidden,
            Buffer states,
            @Nullable Buffer memory) {}

    BoundRecurrent(
            Recurrence shape,
            boolean sequence,
            RecurrentWeights weights,
            Workspace workspace,
            Activation activation,
            Buffer output) {
        super(shape.steps() * shape.in(), (sequence ? shape.steps() : 1) * shape.hidden(), activation, output);
        this.shape = shape;
        this.sequence = sequence;
        this.weights = weights;
        this.workspace = workspace;
    }

    @Override
    void forward(Pass pass, int n, Buffer x) {
        DenseWeights inputs = weights.inputs();
        pass.operations()
                .denseForward(
                        n * shape.steps(),
                        shape.in(),
                        shape.gateSize(),
                        x,
                        inputs.weight(),
                        inputs.prepared(),
                        inputs.bias(),
                        Activation.IDENTITY,
                        workspace.gates);
        pass.operations()
                .sequences()
                .recurrentForward(
                        n,
                        shape,
                        workspace.gates,
                        weights.weight(),
                        weights.bias(),
                        workspace.states,
                        workspace.memory);
        int hidden = shape.hidden();
        if (sequence) {
            pass.operations().copy((long) n * out, workspace.states, output);
        } else {
            int width = shape.steps() * hidden;
            pass.operations().copyColumns(n, hidden, workspace.states, width, width - hidden, output, hidden, 0);
        }
        activateOutput(pass, n);
    }

    @Override
    void backward(Pass pass, int n, Buffer dy) {
        pass.operations()
                .sequences()
                .recurrentBackward(
                        n,
                        shape,
                        workspace.gates,
                        weights.weight(),
                        workspace.states,
                        workspace.memory,
                        dy,
                        sequence,
                        workspace.dGates,
                        shape.kind() == Recurrence.Kind.GRU ? workspace.dHidden : null);
    }

    @Override
    void inputGradient(Pass pass, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx) {
        pass.operations()
                .denseInputGradient(
                        n * shape.steps(),
                        shape.in(),
                        shape.gateSize(),
                        workspace.dGates,
                        weights.inputs().weight(),
                        activationOf(before),
                        outputOf(before),
                        dx);
    }

    @Override
    void weightGradient(Pass pass, int n, Buffer x, Buffer dy) {
        DenseWeights inputs = weights.inputs();
        pass.operations()
                .denseWeightGradient(
                        n * shape.steps(),
                        shape.in(),
                        shape.gateSize(),
                        x,
                        workspace.dGates,
                        inputs.weightGradient(),
                        inputs.biasGradient());
        pass.operations()
                .sequences()
                .recurrentWeightGradient(
                        n,
                        shape,
                        workspace.states,
                        workspace.dHidden,
                        weights.weightGradient(),
                        weights.biasGradient());
    }
}
