package org.saddlepoint.reference;

import org.saddlepoint.device.Activation;

/** Activations and their derivatives. */
public final class ActivationReference {
    private ActivationReference() {}

    public static double value(Activation activation, double x) {
        return switch (activation.kind()) {
            case IDENTITY -> x;
            case RELU -> Math.max(x, 0);
            case LEAKY_RELU -> x > 0 ? x : activation.slope() * x;
            case TANH -> Math.tanh(x);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
        };
    }

    /** The derivative at the input whose output is y; 0 (leaky: the slope) at the kink. */
    public static double derivative(Activation activation, double y) {
        return switch (activation.kind()) {
            case IDENTITY -> 1;
            case RELU -> y > 0 ? 1 : 0;
            case LEAKY_RELU -> y > 0 ? 1 : activation.slope();
            case TANH -> 1 - y * y;
            case SIGMOID -> y * (1 - y);
        };
    }

    public static double[] values(Activation activation, double[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = value(activation, x[i]);
        }
        return y;
    }

    public static double[] gradient(Activation activation, double[] y, double[] dy) {
        double[] dx = new double[y.length];
        for (int i = 0; i < y.length; i++) {
            dx[i] = dy[i] * derivative(activation, y[i]);
        }
        return dx;
    }
}
