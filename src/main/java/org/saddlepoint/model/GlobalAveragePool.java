package org.saddlepoint.model;

/** The mean of each channel of an image: channels x height x width becomes a vector of channels. */
public record GlobalAveragePool() implements Layer {
    @Override
    public Shape output(Shape input) {
        if (input.dimensions().size() != 3) {
            throw new IllegalArgumentException("global average pooling cannot take an input of shape " + input
                    + ": it needs CHANNELSxHEIGHTxWIDTH");
        }
        return Shape.of(input.dimensions().getFirst());
    }

    @Override
    public long flops(Shape input) {
        return input.size();
    }
}
