package org.saddlepoint.attack;

import static org.saddlepoint.model.Layers.dense;

import java.util.Arrays;
import java.util.Random;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;

/**
 * A linear classifier of two classes, inputs far from the box, and how near the boundary is. (Of more classes, each has a
 * boundary of its own, and a descent may end at another than the nearest.)
 */
final class LinearCase {
    static final int D = 20;
    static final int CLASSES = 2;

    private static final Model MODEL = Model.sequential(dense(D, CLASSES));
    private final float[] parameters;
    final float[] x;
    final int[] labels;

    LinearCase(int n, int seed) {
        Random random = new Random(seed);
        parameters = Values.uniform(random, CLASSES * (D + 1), -1, 1);
        Arrays.fill(parameters, CLASSES * D, parameters.length, 0f);
        x = new float[n * D];
        labels = new int[n];
        for (int i = 0; i < n; i++) {
            do {
                System.arraycopy(Values.uniform(random, D, 0.4, 0.6), 0, x, i * D, D);
                labels[i] = logit(i, 1) > logit(i, 0) ? 1 : 0;
            } while (radius(Norm.L2, i) < 0.03 || radius(Norm.L2, i) > 0.25);
        }
    }

    Classifier on(Device device) {
        return Classifier.of(MODEL, device, parameters);
    }

    private double logit(int i, int c) {
        double sum = 0;
        for (int k = 0; k < D; k++) {
            sum += (double) parameters[c * D + k] * x[i * D + k];
        }
        return sum;
    }

    /** The distance to the boundary: margin over the dual norm of the difference of weights. */
    double radius(Norm norm, int i) {
        double dual = 0;
        for (int k = 0; k < D; k++) {
            double w = (double) parameters[k] - parameters[D + k];
            dual += norm == Norm.LINF ? Math.abs(w) : w * w;
        }
        return Math.abs(logit(i, 0) - logit(i, 1)) / (norm == Norm.LINF ? dual : Math.sqrt(dual));
    }

    float[] input(int i) {
        return Arrays.copyOfRange(x, i * D, (i + 1) * D);
    }

    int[] label(int i) {
        return new int[] {labels[i]};
    }
}
