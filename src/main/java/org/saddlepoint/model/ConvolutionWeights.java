package org.saddlepoint.model;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Precision;

/** Weights of a convolution, prepared for each precision at which they have been asked for. */
final class ConvolutionWeights implements LayerWeights {
    private final Convolution shape;
    private final Buffer weight;
    private final Buffer weightGradient;
    private final @Nullable Buffer bias;
    private final @Nullable Buffer biasGradient;
    private final Operations operations;
    private final BufferArena arena;
    private final Map<Precision, Buffer> prepared = new EnumMap<>(Precision.class);

    ConvolutionWeights(
            Convolution shape,
            Buffer weight,
            Buffer weightGradient,
            @Nullable Buffer bias,
            @Nullable Buffer biasGradient,
            Operations operations,
            BufferArena arena) {
        this.shape = shape;
        this.weight = weight;
        this.weightGradient = weightGradient;
        this.bias = bias;
        this.biasGradient = biasGradient;
        this.operations = operations;
        this.arena = arena;
        prepared(Precision.FLOAT32);
    }

    Convolution shape() {
        return shape;
    }

    Buffer weight() {
        return weight;
    }

    Buffer weightGradient() {
        return weightGradient;
    }

    @Nullable
    Buffer bias() {
        return bias;
    }

    @Nullable
    Buffer biasGradient() {
        return biasGradient;
    }

    /** The weights in the device's form for a precision, kept up to date from the first call on. */
    synchronized Buffer prepared(Precision precision) {
        Buffer found = prepared.get(precision);
        if (found == null) {
            found = arena.floats(operations.at(precision).images().preparedLength(shape));
            operations.at(precision).images().prepare(shape, weight, found);
            prepared.put(precision, found);
        }
        return found;
    }

    @Override
    public synchronized void refresh(Operations with) {
        prepared.forEach((precision, buffer) -> with.at(precision).images().prepare(shape, weight, buffer));
    }
}
