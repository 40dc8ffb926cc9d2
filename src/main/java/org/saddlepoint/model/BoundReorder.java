package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;

/** The change between channels first and channels last: each example's matrix transposed. */
final class BoundReorder extends BoundLayer {
    private final int rows;
    private final int columns;

    BoundReorder(int rows, int columns, Activation activation, Buffer output) {
        super(rows * columns, rows * columns, activation, output);
        this.rows = rows;
        this.columns = columns;
    }

    @Override
    void forward(Pass pass, int n, Buffer x) {
        pass.operations().images().transpose(n, rows, columns, x, output);
        activateOutput(pass, n);
    }

    @Override
    void inputGradient(Pass pass, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx) {
        pass.operations().images().transpose(n, columns, rows, dy, dx);
        throughActivation(pass, n, before, dx);
    }
}
