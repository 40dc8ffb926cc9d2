package org.saddlepoint.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Sequences of layers that all read the same input, and whose outputs are joined: residual connections (He et al. 2015) and
 * their kin. An empty branch passes the input on.
 *
 * @param branches at least two
 * @param join what becomes of their outputs
 */
public record Branches(List<List<Layer>> branches, Join join) implements Layer {
    /** Ways to join. */
    public enum Join {
        /** The sum; all outputs have one shape. */
        ADD,
        /** One after another in the first dimension, the channels; the other dimensions agree. */
        CONCATENATE
    }

    /** Checks that there is something to join. */
    public Branches {
        Objects.requireNonNull(join, "branches need a join");
        branches = branches.stream().map(List::copyOf).toList();
        if (branches.size() < 2) {
            throw new IllegalArgumentException(branches.size() + " branches were given: at least two can be joined");
        }
    }

    @Override
    public Shape output(Shape input) {
        List<Shape> outputs =
                branches.stream().map(layers -> output(layers, input)).toList();
        return join == Join.ADD ? sum(outputs) : concatenation(outputs);
    }

    private static Shape output(List<Layer> layers, Shape input) {
        Shape shape = input;
        for (Layer layer : layers) {
            shape = layer.output(shape);
        }
        return shape;
    }

    private static Shape sum(List<Shape> outputs) {
        if (outputs.stream().distinct().count() > 1) {
            throw new IllegalArgumentException("branches of shapes " + outputs + " cannot be added: all must agree");
        }
        return outputs.getFirst();
    }

    private static Shape concatenation(List<Shape> outputs) {
        int channels = 0;
        List<Integer> rest = outputs.getFirst().dimensions().stream().skip(1).toList();
        for (Shape shape : outputs) {
            channels = Math.addExact(channels, shape.dimensions().getFirst());
            if (!shape.dimensions().stream().skip(1).toList().equals(rest)) {
                throw new IllegalArgumentException(
                        "branches of shapes " + outputs + " cannot be concatenated: all but channels must agree");
            }
        }
        List<Integer> all = new ArrayList<>();
        all.add(channels);
        all.addAll(rest);
        return new Shape(all);
    }

    @Override
    public long flops(Shape input) {
        long total = join == Join.ADD ? (branches.size() - 1L) * output(input).size() : 0;
        for (List<Layer> layers : branches) {
            Shape shape = input;
            for (Layer layer : layers) {
                total += layer.flops(shape);
                shape = layer.output(shape);
            }
        }
        return total;
    }

    @Override
    public List<TensorSpec> tensors() {
        List<TensorSpec> all = new ArrayList<>();
        eachLayer((prefix, layer) -> layer.tensors().forEach(tensor -> all.add(tensor.in(prefix))));
        return List.copyOf(all);
    }

    @Override
    public List<TensorSpec> statistics() {
        List<TensorSpec> all = new ArrayList<>();
        eachLayer((prefix, layer) -> layer.statistics().forEach(tensor -> all.add(tensor.in(prefix))));
        return List.copyOf(all);
    }

    private interface Visitor {
        void visit(String prefix, Layer layer);
    }

    /** Branch by branch; names as PyTorch has those of a ModuleList of Sequentials: {@code 0.1.weight}. */
    private void eachLayer(Visitor visitor) {
        for (int b = 0; b < branches.size(); b++) {
            List<Layer> layers = branches.get(b);
            for (int i = 0; i < layers.size(); i++) {
                visitor.visit(b + "." + i, layers.get(i));
            }
        }
    }
}
