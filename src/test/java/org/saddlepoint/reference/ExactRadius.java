package org.saddlepoint.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.optim.linear.LinearConstraint;
import org.hipparchus.optim.linear.LinearConstraintSet;
import org.hipparchus.optim.linear.LinearObjectiveFunction;
import org.hipparchus.optim.linear.NonNegativeConstraint;
import org.hipparchus.optim.linear.Relationship;
import org.hipparchus.optim.linear.SimplexSolver;
import org.hipparchus.optim.nonlinear.scalar.GoalType;

/**
 * The exact L-inf radius, within the box [0,1], at which a network d - h (ReLU) - c first takes another class for an input: its
 * activation patterns are enumerated, neuron by neuron, and for each the closest misclassified point in it is a linear
 * program. Branches whose own closest point is no closer than the best found so far are cut.
 */
public final class ExactRadius {
    private final double[][] hidden; // h x (d + 1), the bias last
    private final double[][] output; // c x (h + 1)
    private final int d;
    private final SimplexSolver solver = new SimplexSolver(1e-10, 20);
    private double best;

    /**
     * Of a network.
     *
     * @param parameters hidden weights (h x d), hidden biases, output weights (c x h), output biases
     */
    public ExactRadius(float[] parameters, int d, int h, int c) {
        this.d = d;
        this.hidden = rows(parameters, 0, h, d);
        this.output = rows(parameters, h * (d + 1), c, h);
    }

    private static double[][] rows(float[] parameters, int from, int rows, int columns) {
        double[][] out = new double[rows][columns + 1];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                out[i][j] = parameters[from + i * columns + j];
            }
            out[i][columns] = parameters[from + rows * columns + i];
        }
        return out;
    }

    /** The radius of an input, where it is below a limit; infinite otherwise, as where the whole box has its class. */
    public double of(float[] x, int label, double limit) {
        best = limit;
        List<LinearConstraint> ball = new ArrayList<>();
        for (int j = 0; j < d; j++) {
            // |x_j - origin_j| <= e, x_j <= 1; the variables are x and e, none below 0.
            ball.add(constraint(unit(j, -1), Relationship.LEQ, x[j]));
            ball.add(constraint(unit(j, 1), Relationship.GEQ, x[j]));
            ball.add(constraint(unit(j, 0), Relationship.LEQ, 1));
        }
        branch(ball, new boolean[hidden.length], 0, x, label);
        return best < limit ? best : Double.POSITIVE_INFINITY;
    }

    private double[] unit(int j, double slack) {
        double[] row = new double[d + 1];
        row[j] = 1;
        row[d] = slack;
        return row;
    }

    private static LinearConstraint constraint(double[] row, Relationship relation, double value) {
        return new LinearConstraint(row, relation, value);
    }

    private void branch(List<LinearConstraint> constraints, boolean[] active, int neuron, float[] x, int label) {
        if (neuron == hidden.length) {
            for (int other = 0; other < output.length; other++) {
                if (other != label) {
                    best = Math.min(best, closest(with(constraints, margin(active, other, label), true)));
                }
            }
            return;
        }
        double[] row = hidden[neuron];
        double here = row[d];
        for (int j = 0; j < d; j++) {
            here += row[j] * x[j];
        }
        // The side that the input is on first: it finds close points soon.
        for (boolean on : new boolean[] {here >= 0, here < 0}) {
            List<LinearConstraint> side = with(constraints, row, on);
            if (closest(side) < best) {
                active[neuron] = on;
                branch(side, active, neuron + 1, x, label);
            }
        }
    }

    /** Adds row . (x, 1) >= 0, or <= 0. */
    private List<LinearConstraint> with(List<LinearConstraint> constraints, double[] row, boolean positive) {
        List<LinearConstraint> more = new ArrayList<>(constraints);
        double[] left = Arrays.copyOf(row, d + 1);
        left[d] = 0;
        more.add(constraint(left, positive ? Relationship.GEQ : Relationship.LEQ, -row[d]));
        return more;
    }

    /** z_other - z_label in a pattern, as a row. */
    private double[] margin(boolean[] active, int other, int label) {
        double[] row = new double[d + 1];
        int h = hidden.length;
        row[d] = output[other][h] - output[label][h];
        for (int k = 0; k < h; k++) {
            if (active[k]) {
                double weight = output[other][k] - output[label][k];
                for (int j = 0; j <= d; j++) {
                    row[j] += weight * hidden[k][j];
                }
            }
        }
        return row;
    }

    /** The least e; infinite where no point obeys. */
    private double closest(List<LinearConstraint> constraints) {
        double[] slack = new double[d + 1];
        slack[d] = 1;
        try {
            return solver.optimize(
                            new LinearObjectiveFunction(slack, 0),
                            new LinearConstraintSet(constraints),
                            GoalType.MINIMIZE,
                            new NonNegativeConstraint(true))
                    .getValue();
        } catch (MathRuntimeException infeasible) {
            return Double.POSITIVE_INFINITY;
        }
    }
}
