package org.saddlepoint.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.Shape;

/** A model forward and backward, one example at a time; parameters flat, in the order of {@link Model#tensors()}. */
public final class ModelReference {
    private final Model model;
    private final double[] parameters;

    public ModelReference(Model model, double[] parameters) {
        this.model = model;
        this.parameters = parameters;
    }

    public double[] logits(double[] x) {
        return activations(x).getLast();
    }

    public double loss(LossKind kind, double[] x, int label) {
        return LossReference.value(kind, logits(x), label);
    }

    /** Loss gradients with respect to an input and to all parameters. */
    @SuppressWarnings("ArrayRecordComponent") // a pair of results, never compared
    public record Gradients(double[] input, double[] parameters) {}

    public Gradients gradients(LossKind kind, double[] x, int label) {
        List<double[]> values = activations(x);
        double[] dy = LossReference.gradient(kind, values.getLast(), label);
        double[] dp = new double[parameters.length];
        int at = parameters.length;
        for (int i = model.layers().size() - 1; i >= 0; i--) {
            double[] input = values.get(i);
            double[] output = values.get(i + 1);
            switch (model.layers().get(i)) {
                case Layer.Dense dense -> {
                    int in = dense.in();
                    int out = dense.out();
                    at -= (in + 1) * out;
                    System.arraycopy(DenseReference.weightGradient(1, in, out, input, dy), 0, dp, at, in * out);
                    System.arraycopy(dy, 0, dp, at + in * out, out);
                    dy = DenseReference.inputGradient(1, in, out, dy, weights(at, in * out));
                }
                case Layer.Nonlinearity layer -> dy = ActivationReference.gradient(layer.function(), output, dy);
                case Layer.Normalize layer -> dy = divided(layer, dy);
                case Layer.Flatten layer -> {}
                default -> throw new IllegalArgumentException("no reference of " + model);
            }
        }
        return new Gradients(dy, dp);
    }

    /** The input, and the output of every layer. */
    private List<double[]> activations(double[] x) {
        List<double[]> values = new ArrayList<>(List.of(x));
        Shape shape = model.input();
        int at = 0;
        for (Layer layer : model.layers()) {
            double[] input = values.getLast();
            shape = layer.output(shape);
            switch (layer) {
                case Layer.Dense dense -> {
                    int in = dense.in();
                    int out = dense.out();
                    double[] b = Arrays.copyOfRange(parameters, at + in * out, at + (in + 1) * out);
                    values.add(DenseReference.forward(1, in, out, input, weights(at, in * out), b));
                    at += (in + 1) * out;
                }
                case Layer.Nonlinearity alone -> values.add(ActivationReference.values(alone.function(), input));
                case Layer.Normalize normalize -> values.add(normalized(normalize, input));
                case Layer.Flatten flatten -> values.add(input);
                default -> throw new IllegalArgumentException("no reference of " + model);
            }
        }
        return values;
    }

    private double[] weights(int at, int count) {
        return Arrays.copyOfRange(parameters, at, at + count);
    }

    private static double[] normalized(Layer.Normalize layer, double[] x) {
        int size = x.length / layer.mean().size();
        double[] y = new double[x.length];
        for (int j = 0; j < x.length; j++) {
            y[j] = (x[j] - layer.mean().get(j / size)) / layer.std().get(j / size);
        }
        return y;
    }

    private static double[] divided(Layer.Normalize layer, double[] dy) {
        int size = dy.length / layer.std().size();
        double[] dx = new double[dy.length];
        for (int j = 0; j < dy.length; j++) {
            dx[j] = dy[j] / layer.std().get(j / size);
        }
        return dx;
    }
}
