package org.saddlepoint.model;

/**
 * Takes the values of an example, in their order, as another shape.
 *
 * @param shape as many values as the input has
 */
public record Reshape(Shape shape) implements Layer {
    @Override
    public Shape output(Shape input) {
        if (input.size() != shape.size()) {
            throw new IllegalArgumentException("an input of shape " + input + " (" + input.size()
                    + " values) cannot be taken as " + shape + " (" + shape.size() + ")");
        }
        return shape;
    }
}
