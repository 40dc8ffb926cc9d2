package org.saddlepoint.model;

import java.util.List;

/**
 * Layer normalisation over the last dimensions (Ba et al. 2016).
 *
 * @param shape of what is normalised together: the last dimensions of the input
 * @param epsilon added to the variance, above 0
 */
public record LayerNorm(List<Integer> shape, float epsilon) implements Layer {
    /** Checks the values. */
    public LayerNorm {
        shape = List.copyOf(shape);
        new Shape(shape); // checks it
        if (!(epsilon > 0 && epsilon < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "epsilon of layer normalisation is " + epsilon + ": it must be above 0 and finite");
        }
    }

    @Override
    public Shape output(Shape input) {
        List<Integer> sizes = input.dimensions();
        int front = sizes.size() - shape.size();
        if (front < 0 || !sizes.subList(front, sizes.size()).equals(shape)) {
            throw new IllegalArgumentException(
                    "layer normalisation over " + shape + " cannot take an input of shape " + input);
        }
        return input;
    }

    @Override
    public long flops(Shape input) {
        return 6L * input.size();
    }

    @Override
    public List<TensorSpec> tensors() {
        return List.of(new TensorSpec("weight", shape), new TensorSpec("bias", shape));
    }
}
