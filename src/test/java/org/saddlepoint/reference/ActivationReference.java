package org.saddlepoint.reference;

import org.saddlepoint.device.Activation;

/** Activations and their derivatives. */
public final class ActivationReference {
    private ActivationReference() {}

    /** An activation of a kind, with a slope or a cap where it has one. */
    public static Activation example(Activation.Kind kind) {
        return switch (kind) {
            case LEAKY_RELU -> new Activation(kind, 0.1f);
            case CLIPPED_RELU -> new Activation(kind, 0.7f);
            default -> new Activation(kind, 0f);
        };
    }

    public static double value(Activation activation, double x) {
        return switch (activation.kind()) {
            case IDENTITY -> x;
            case RELU -> Math.max(x, 0);
            case LEAKY_RELU -> x > 0 ? x : activation.slope() * x;
            case TANH -> Math.tanh(x);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case CLIPPED_RELU -> Math.min(Math.max(x, 0), activation.slope());
        };
    }

    /** The derivative at the input whose output is y; 0 (leaky: the slope) at a kink. */
    public static double derivative(Activation activation, double y) {
        return switch (activation.kind()) {
            case IDENTITY -> 1;
            case RELU -> y > 0 ? 1 : 0;
            case LEAKY_RELU -> y > 0 ? 1 : activation.slope();
            case TANH -> 1 - y * y;
            case SIGMOID -> y * (1 - y);
            case CLIPPED_RELU -> y > 0 && y < activation.slope() ? 1 : 0;
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
