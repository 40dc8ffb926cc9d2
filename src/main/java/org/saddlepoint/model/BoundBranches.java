package org.saddlepoint.model;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Activation.Kind;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Operations;

/** Branches over one input, their outputs added or concatenated. */
final class BoundBranches extends BoundLayer {
    private final List<BoundSequence> branches;
    private final @Nullable Columns columns;
    private final Buffer inputGradient;

    /**
     * Where the branches' outputs lie in a concatenation: as matrices of {@code rows} an example side by side.
     *
     * @param rows of an example
     * @param widths columns of each branch
     */
    record Columns(int rows, List<Integer> widths) {
        int width() {
            return widths.stream().mapToInt(Integer::intValue).sum();
        }

        int at(int branch) {
            return widths.subList(0, branch).stream()
                    .mapToInt(Integer::intValue)
                    .sum();
        }
    }

    /** Columns: null where outputs are added. Input gradient: batch x in, workspace. */
    BoundBranches(
            int in,
            List<BoundSequence> branches,
            @Nullable Columns columns,
            Buffer inputGradient,
            Activation activation,
            Buffer output,
            int out) {
        super(in, out, activation, output);
        this.branches = List.copyOf(branches);
        this.columns = columns;
        this.inputGradient = inputGradient;
    }

    @Override
    void forward(Pass pass, int n, Buffer x) {
        Operations operations = pass.operations();
        Buffer sum = null;
        for (int b = 0; b < branches.size(); b++) {
            Buffer y = branches.get(b).forward(pass, n, x);
            if (columns != null) {
                operations.copyColumns(
                        (long) n * columns.rows(),
                        columns.widths().get(b),
                        y,
                        columns.widths().get(b),
                        0,
                        output,
                        columns.width(),
                        columns.at(b));
            } else if (sum == null) {
                sum = y;
            } else {
                boolean last = b == branches.size() - 1;
                operations.add((long) n * out, sum, y, last ? activation : Activation.IDENTITY, output);
                sum = output;
            }
        }
        if (columns != null) {
            activateOutput(pass, n);
        }
    }

    @Override
    void backward(Pass pass, int n, Buffer dy) {
        for (int b = 0; b < branches.size(); b++) {
            BoundSequence branch = branches.get(b);
            if (!branch.layers().isEmpty()) {
                BoundLayer last = branch.layers().getLast();
                Buffer gradient = branch.gradients().getLast();
                share(pass, n, b, dy, gradient);
                if (last.activation.kind() != Kind.IDENTITY) {
                    pass.operations()
                            .activationGradient((long) n * last.out, last.output, gradient, last.activation, gradient);
                }
                branch.backward(pass, n, 0);
            }
        }
    }

    /** A branch's part of the gradient. */
    private void share(Pass pass, int n, int branch, Buffer dy, Buffer gradient) {
        if (columns == null) {
            pass.operations().copy((long) n * out, dy, gradient);
        } else {
            int width = columns.widths().get(branch);
            pass.operations()
                    .copyColumns(
                            (long) n * columns.rows(),
                            width,
                            dy,
                            columns.width(),
                            columns.at(branch),
                            gradient,
                            width,
                            0);
        }
    }

    @Override
    void inputGradient(Pass pass, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx) {
        for (int b = 0; b < branches.size(); b++) {
            BoundSequence branch = branches.get(b);
            Buffer part = b == 0 ? dx : inputGradient;
            if (branch.layers().isEmpty()) {
                share(pass, n, b, dy, part);
            } else {
                branch.inputGradient(pass, n, null, part);
            }
            if (b > 0) {
                pass.operations().add((long) n * in, dx, part, Activation.IDENTITY, dx);
            }
        }
        throughActivation(pass, n, before, dx);
    }

    @Override
    void weightGradient(Pass pass, int n, Buffer x, Buffer dy) {
        for (BoundSequence branch : branches) {
            branch.weightGradient(pass, n, x);
        }
    }
}
