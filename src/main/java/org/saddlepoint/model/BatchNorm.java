package org.saddlepoint.model;

import java.util.List;

/**
 * Batch normalisation by channel, the first dimension (Ioffe and Szegedy 2015). In a weight update it uses the batch's own
 * statistics and moves the running ones; everywhere else, in attacks too, it uses the running ones.
 *
 * @param channels at least 1
 * @param epsilon added to the variance, above 0
 * @param momentum share of a batch in the running statistics, in [0,1]
 */
public record BatchNorm(int channels, float epsilon, float momentum) implements Layer {
    /** Checks the values. */
    public BatchNorm {
        if (channels < 1) {
            throw new IllegalArgumentException("batch normalisation of " + channels + " channels: at least 1");
        }
        if (!(epsilon > 0 && epsilon < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "epsilon of batch normalisation is " + epsilon + ": it must be above 0 and finite");
        }
        if (!(momentum >= 0 && momentum <= 1)) {
            throw new IllegalArgumentException(
                    "momentum of batch normalisation is " + momentum + ": it must lie between 0 and 1");
        }
    }

    @Override
    public Shape output(Shape input) {
        if (input.dimensions().getFirst() != channels) {
            throw new IllegalArgumentException(
                    "batch normalisation of " + channels + " channels cannot take an input of shape " + input);
        }
        return input;
    }

    @Override
    public long flops(Shape input) {
        return 2L * input.size();
    }

    @Override
    public List<TensorSpec> tensors() {
        return List.of(new TensorSpec("weight", List.of(channels)), new TensorSpec("bias", List.of(channels)));
    }

    @Override
    public List<TensorSpec> statistics() {
        return List.of(
                new TensorSpec("running_mean", List.of(channels)), new TensorSpec("running_var", List.of(channels)));
    }
}
