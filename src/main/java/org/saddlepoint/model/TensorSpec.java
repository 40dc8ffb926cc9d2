package org.saddlepoint.model;

import java.util.List;

/**
 * A tensor of parameters.
 *
 * @param name within its layer, or in a model with the layer's position in front: {@code 0.weight}
 * @param shape dimensions, row-major
 */
public record TensorSpec(String name, List<Integer> shape) {
    /** Copies the shape. */
    public TensorSpec {
        shape = List.copyOf(shape);
    }

    /**
     * Values it holds.
     *
     * @return the product of the shape
     */
    public int size() {
        return shape.stream().reduce(1, Math::multiplyExact);
    }

    /** This tensor as part of something named. */
    TensorSpec in(String prefix) {
        return new TensorSpec(prefix + "." + name, shape);
    }
}
