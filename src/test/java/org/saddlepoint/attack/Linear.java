package org.saddlepoint.attack;

import static org.saddlepoint.model.Layers.dense;

import java.util.Arrays;
import java.util.Random;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.BallReference;
import org.saddlepoint.reference.BoundaryReference;
import org.saddlepoint.reference.DenseReference;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;

/**
 * A linear classifier, inputs, and what it says of them: the distance to the nearest other class is known, with the box and
 * without.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Linear(float[] parameters, float[] x, int[] labels) {
    static final int D = 20;
    static final int N = 12;
    private static final int CLASSES = 6;

    static Linear random(int seed, double low, double high) {
        return random(seed, CLASSES, low, high);
    }

    static Linear random(int seed, int c, double low, double high) {
        Random random = new Random(seed);
        float[] parameters = Values.uniform(random, c * (D + 1), -1, 1);
        float[] x = Values.uniform(random, N * D, low, high);
        for (int j = 0; j < x.length; j++) {
            x[j] = Math.min(1f, Math.max(0f, x[j]));
        }
        double[] p = Values.widen(parameters);
        double[] bias = Arrays.copyOfRange(p, c * D, p.length);
        double[] z = DenseReference.forward(N, D, c, Values.widen(x), p, bias);
        int[] labels = new int[N];
        for (int i = 0; i < N; i++) {
            for (int j = 1; j < c; j++) {
                labels[i] = z[i * c + j] > z[i * c + labels[i]] ? j : labels[i];
            }
        }
        return new Linear(parameters, x, labels);
    }

    private int classes() {
        return parameters.length / (D + 1);
    }

    Classifier on(Device device) {
        return Classifier.of(Model.sequential(dense(D, classes())), device, parameters);
    }

    float[] input(int i) {
        return Arrays.copyOfRange(x, i * D, (i + 1) * D);
    }

    double[] weights(int i, int t) {
        double[] w = new double[D];
        for (int k = 0; k < D; k++) {
            w[k] = (double) parameters[t * D + k] - parameters[labels[i] * D + k];
        }
        return w;
    }

    double value(int i, int t) {
        double bias = (double) parameters[classes() * D + t] - parameters[classes() * D + labels[i]];
        return bias + BoundaryReference.dot(weights(i, t), Values.widen(input(i)));
    }

    /** Without the box: |value| over the dual norm of the weights. */
    double closedForm(Norm norm, int i) {
        double least = Double.POSITIVE_INFINITY;
        for (int t = 0; t < classes(); t++) {
            if (t != labels[i]) {
                double[] w = weights(i, t);
                double dual = norm == Norm.LINF
                        ? Arrays.stream(w).map(Math::abs).sum()
                        : Math.sqrt(BoundaryReference.dot(w, w));
                least = Math.min(least, -value(i, t) / dual);
            }
        }
        return least;
    }

    /** Within the box, by bisection; infinite where no class can be reached. */
    double inBox(Norm norm, int i) {
        double least = Double.POSITIVE_INFINITY;
        double[] from = Values.widen(input(i));
        for (int t = 0; t < classes(); t++) {
            if (t != labels[i]) {
                double[] w = weights(i, t);
                double[] way = BoundaryReference.way(norm, value(i, t), w, from);
                if (value(i, t) + BoundaryReference.dot(w, way) > -1e-9) {
                    least = Math.min(least, BallReference.distance(norm, way, new double[D]));
                }
            }
        }
        return least;
    }
}
