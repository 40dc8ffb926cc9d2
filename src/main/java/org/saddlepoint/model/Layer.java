package org.saddlepoint.model;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Objects;
import org.saddlepoint.device.Activation;

/** A layer as a value: its kind and sizes, no weights. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Layer.Dense.class, name = "dense"),
    @JsonSubTypes.Type(value = Layer.Nonlinearity.class, name = "activation"),
    @JsonSubTypes.Type(value = Layer.Flatten.class, name = "flatten"),
    @JsonSubTypes.Type(value = Layer.Normalize.class, name = "normalize"),
    @JsonSubTypes.Type(value = Scale.class, name = "scale"),
    @JsonSubTypes.Type(value = Reshape.class, name = "reshape"),
    @JsonSubTypes.Type(value = Conv2d.class, name = "conv2d"),
    @JsonSubTypes.Type(value = Pool2d.class, name = "pool2d"),
    @JsonSubTypes.Type(value = GlobalAveragePool.class, name = "global_average_pool"),
    @JsonSubTypes.Type(value = BatchNorm.class, name = "batch_norm"),
    @JsonSubTypes.Type(value = LayerNorm.class, name = "layer_norm"),
    @JsonSubTypes.Type(value = Dropout.class, name = "dropout"),
    @JsonSubTypes.Type(value = Branches.class, name = "branches"),
    @JsonSubTypes.Type(value = Recurrent.class, name = "recurrent")
})
public sealed interface Layer
        permits Layer.Dense,
                Layer.Nonlinearity,
                Layer.Flatten,
                Layer.Normalize,
                Scale,
                Reshape,
                Conv2d,
                Pool2d,
                GlobalAveragePool,
                BatchNorm,
                LayerNorm,
                Dropout,
                Branches,
                Recurrent {
    /**
     * The shape that this layer makes of an input.
     *
     * @param input shape of one example
     * @return shape of its output
     * @throws IllegalArgumentException where the layer cannot take that input
     */
    Shape output(Shape input);

    /**
     * Floating-point operations of one example's forward pass.
     *
     * @param input shape of one example
     * @return multiplications and additions
     */
    default long flops(Shape input) {
        return 0;
    }

    /**
     * Its trainable tensors by name: {@code weight}, {@code bias}.
     *
     * @return empty for most layers
     */
    default List<TensorSpec> tensors() {
        return List.of();
    }

    /**
     * Its tensors that training moves without a gradient: {@code running_mean}, {@code running_var}.
     *
     * @return empty for most layers
     */
    default List<TensorSpec> statistics() {
        return List.of();
    }

    /**
     * Fully connected: y = x W^T + b.
     *
     * @param in input features, at least 1
     * @param out output features, at least 1
     */
    record Dense(int in, int out) implements Layer {
        /** Checks the sizes. */
        public Dense {
            if (in < 1 || out < 1) {
                throw new IllegalArgumentException(
                        "a dense layer of " + in + " to " + out + " features: both must be at least 1");
            }
            if ((long) in * out > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "a dense layer of " + in + " to " + out + " features has more than 2^31 - 1 weights");
            }
        }

        @Override
        public Shape output(Shape input) {
            if (input.size() != in) {
                throw new IllegalArgumentException(
                        "dense(" + in + ", " + out + ") cannot take an input of shape " + input);
            }
            return Shape.of(out);
        }

        @Override
        public long flops(Shape input) {
            return 2L * in * out;
        }

        @Override
        public List<TensorSpec> tensors() {
            return List.of(new TensorSpec("weight", List.of(out, in)), new TensorSpec("bias", List.of(out)));
        }
    }

    /**
     * An elementwise non-linearity.
     *
     * @param function which
     */
    record Nonlinearity(Activation function) implements Layer {
        /** Refuses null, which a file may hold. */
        public Nonlinearity {
            Objects.requireNonNull(function, "an activation layer needs a function");
        }

        @Override
        public Shape output(Shape input) {
            return input;
        }

        @Override
        public long flops(Shape input) {
            return input.size();
        }
    }

    /** Makes a vector of an image, in the order of its values. */
    record Flatten() implements Layer {
        @Override
        public Shape output(Shape input) {
            return Shape.of(input.size());
        }
    }

    /**
     * (x - mean) / std, by channel: the first dimension of the input; one value each serves all channels.
     *
     * @param mean of each channel
     * @param std of each channel, above 0
     */
    record Normalize(List<Float> mean, List<Float> std) implements Layer {
        /** Checks the values. */
        public Normalize {
            mean = List.copyOf(mean);
            std = List.copyOf(std);
            if (mean.isEmpty() || mean.size() != std.size()) {
                throw new IllegalArgumentException("normalize has " + mean.size() + " means and " + std.size()
                        + " standard deviations: both need one, or one a channel");
            }
            for (int i = 0; i < std.size(); i++) {
                if (!Float.isFinite(mean.get(i)) || !(std.get(i) > 0) || Float.isInfinite(std.get(i))) {
                    throw new IllegalArgumentException("normalize(" + mean + ", " + std
                            + "): means must be finite and standard deviations finite and above 0");
                }
            }
        }

        @Override
        public Shape output(Shape input) {
            if (mean.size() != 1 && mean.size() != input.dimensions().getFirst()) {
                throw new IllegalArgumentException(
                        "normalize with " + mean.size() + " channels cannot take an input of shape " + input);
            }
            return input;
        }

        @Override
        public long flops(Shape input) {
            return 2L * input.size();
        }
    }
}
