package org.saddlepoint.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A sequential model as a value: the shape of one input and the layers from there to the logits. It has no weights: a
 * {@link Classifier} adds them.
 *
 * @param input shape of one example
 * @param layers at least one; each takes what the one before it makes
 */
public record Model(Shape input, List<Layer> layers) {
    /** Checks that the layers fit one another. */
    public Model {
        layers = List.copyOf(layers);
        if (layers.stream().allMatch(Layer.Flatten.class::isInstance)) {
            throw new IllegalArgumentException("a model needs at least one layer that computes something");
        }
        Shape shape = input;
        for (int i = 0; i < layers.size(); i++) {
            try {
                shape = layers.get(i).output(shape);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("layer " + i + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * A model whose input is the first dense layer's.
     *
     * @param layers from input to logits, a dense layer among them
     * @return the model
     */
    public static Model sequential(Layer... layers) {
        for (Layer layer : layers) {
            if (layer instanceof Layer.Dense dense) {
                return new Model(Shape.of(dense.in()), Arrays.asList(layers));
            }
        }
        throw new IllegalArgumentException("without a dense layer, say the input's shape: new Model(shape, layers)");
    }

    /**
     * A multi-layer perceptron.
     *
     * @param input shape of one example
     * @param hidden widths of the hidden layers
     * @param activation after each hidden layer
     * @param classes logits
     * @return the model
     */
    public static Model mlp(Shape input, List<Integer> hidden, Layer activation, int classes) {
        List<Layer> layers = new ArrayList<>();
        if (input.dimensions().size() > 1) {
            layers.add(new Layer.Flatten());
        }
        int width = input.size();
        for (int next : hidden) {
            layers.add(new Layer.Dense(width, next));
            layers.add(activation);
            width = next;
        }
        layers.add(new Layer.Dense(width, classes));
        return new Model(input, layers);
    }

    /**
     * The number of logits.
     *
     * @return size of the last layer's output
     */
    public int classes() {
        Shape shape = input;
        for (Layer layer : layers) {
            shape = layer.output(shape);
        }
        return shape.size();
    }

    /**
     * All trainable tensors in order, named as PyTorch names those of a Sequential: {@code 0.weight}, {@code 0.bias}.
     *
     * @return the tensors
     */
    public List<TensorSpec> tensors() {
        List<TensorSpec> all = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            for (TensorSpec tensor : layers.get(i).tensors()) {
                all.add(tensor.in(String.valueOf(i)));
            }
        }
        return all;
    }

    /**
     * All tensors that training moves without a gradient, in order, named likewise: {@code 1.running_mean}.
     *
     * @return the tensors
     */
    public List<TensorSpec> statistics() {
        List<TensorSpec> all = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            for (TensorSpec tensor : layers.get(i).statistics()) {
                all.add(tensor.in(String.valueOf(i)));
            }
        }
        return all;
    }

    /**
     * The number of values that make a classifier of this model.
     *
     * @return trainable parameters and statistics
     */
    public long valueCount() {
        return parameterCount()
                + statistics().stream().mapToLong(TensorSpec::size).sum();
    }

    /**
     * The number of trainable parameters.
     *
     * @return their sum over all tensors
     */
    public long parameterCount() {
        return tensors().stream().mapToLong(TensorSpec::size).sum();
    }

    /**
     * Floating-point operations of one example's forward pass.
     *
     * @return multiplications and additions
     */
    public long flops() {
        long total = 0;
        Shape shape = input;
        for (Layer layer : layers) {
            total += layer.flops(shape);
            shape = layer.output(shape);
        }
        return total;
    }

    /**
     * A table of layers with output shapes, parameters and FLOPs.
     *
     * @return some lines of text
     */
    public String summary() {
        StringBuilder text = new StringBuilder();
        int widest = layers.stream()
                .mapToInt(layer -> describe(layer).length())
                .max()
                .orElse(0);
        String row = "%-" + Math.max(24, widest + String.valueOf(layers.size()).length() + 1) + "s %-12s %12s %14s%n";
        text.append(row.formatted("layer", "output", "parameters", "FLOPs/example"));
        text.append(row.formatted("input", input, "", ""));
        Shape shape = input;
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            long flops = layer.flops(shape);
            shape = layer.output(shape);
            long parameters =
                    layer.tensors().stream().mapToLong(TensorSpec::size).sum();
            text.append(row.formatted(i + " " + describe(layer), shape, number(parameters), number(flops)));
        }
        return text.append(row.formatted("total", "", number(parameterCount()), number(flops())))
                .toString();
    }

    /**
     * The layers in one line.
     *
     * @return such as {@code 784-128(relu)-10}
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(input.toString());
        layers.forEach(layer -> text.append(abbreviation(layer)));
        return text.toString();
    }

    private static String abbreviation(Layer layer) {
        return switch (layer) {
            case Layer.Dense dense -> "-" + dense.out();
            case Conv2d convolution ->
                "-" + convolution.out() + "c" + convolution.window().height()
                        + (convolution.window().strideY() > 1
                                ? "s" + convolution.window().strideY()
                                : "");
            case Recurrent recurrent -> "-" + describe(recurrent.kind()) + recurrent.hidden();
            case Pool2d pool -> "(pool " + pool.window().strideY() + ")";
            case GlobalAveragePool pool -> "(mean)";
            case BatchNorm norm -> "(batch norm)";
            case LayerNorm norm -> "(layer norm)";
            case Branches branches ->
                branches.branches().stream()
                        .map(branch -> branch.stream().map(Model::abbreviation).collect(Collectors.joining()))
                        .collect(Collectors.joining(branches.join() == Branches.Join.ADD ? " + " : " | ", "[", "]"));
            case Layer.Nonlinearity nonlinearity -> "(" + describe(nonlinearity) + ")";
            case Layer.Normalize normalize -> "(normalized)";
            case Scale scale -> "(scaled)";
            case Layer.Flatten flatten -> "";
            case Reshape reshape -> "";
            case Dropout dropout -> "";
        };
    }

    private static String describe(Enum<?> kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String describe(Layer layer) {
        return switch (layer) {
            case Layer.Dense dense -> "dense " + dense.in() + " to " + dense.out();
            case Layer.Nonlinearity nonlinearity ->
                describe(nonlinearity.function().kind());
            case Layer.Normalize normalize -> "normalize";
            case Layer.Flatten flatten -> "flatten";
            case Scale scale -> "scale";
            case Reshape reshape -> "reshape";
            case Conv2d convolution ->
                "conv " + convolution.in() + " to " + convolution.out() + ", " + convolution.window()
                        + (convolution.groups() > 1 ? ", " + convolution.groups() + " groups" : "");
            case Pool2d pool -> describe(pool.kind()) + " pool " + pool.window();
            case GlobalAveragePool pool -> "global average pool";
            case BatchNorm norm -> "batch norm " + norm.channels();
            case LayerNorm norm -> "layer norm " + new Shape(norm.shape());
            case Dropout dropout -> "dropout " + dropout.probability();
            case Branches branches -> branches.branches().size() + " branches, " + describe(branches.join());
            case Recurrent recurrent -> describe(recurrent.kind()) + " " + recurrent.in() + " to " + recurrent.hidden();
        };
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
