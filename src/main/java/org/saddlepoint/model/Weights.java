package org.saddlepoint.model;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Precision;

/**
 * A model's parameters on a device: one flat buffer, in the order of {@link Model#tensors()} and then of {@link
 * Model#statistics()}, one for the gradients of the former, and what layers prepare from them. An optimizer's step is one
 * call over the flat buffers, then {@link #refresh}.
 */
public final class Weights implements AutoCloseable {
    private final Device device;
    private final BufferArena arena;
    private final Buffer values;
    private final Buffer gradient;
    /** In the order of the plan's steps, for those that have weights. */
    private final List<LayerWeights> layers = new ArrayList<>();

    private int users; // -1 once closed

    Weights(Model model, List<Plan.Step> plan, Device device) {
        this.device = device;
        this.arena = device.arena();
        try {
            this.values = arena.floats(model.valueCount());
            this.gradient = arena.floats(model.parameterCount());
            new Slices(model).plan(plan);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** Deals out the flat buffers in the order of the tensors. */
    private final class Slices {
        private final Iterator<TensorSpec> tensors;
        private final Iterator<TensorSpec> statistics;
        private long at;
        private long statisticsAt;

        Slices(Model model) {
            tensors = model.tensors().iterator();
            statistics = model.statistics().iterator();
            statisticsAt = model.parameterCount();
        }

        /** A tensor and its gradient. */
        record Slice(Buffer value, Buffer gradient) {}

        private Slice next() {
            int length = tensors.next().size();
            at += length;
            return new Slice(values.slice(at - length, length), gradient.slice(at - length, length));
        }

        private Buffer nextStatistic() {
            int length = statistics.next().size();
            statisticsAt += length;
            return values.slice(statisticsAt - length, length);
        }

        void plan(List<Plan.Step> steps) {
            for (Plan.Step step : steps) {
                switch (step) {
                    case Plan.Split split -> split.branches().forEach(this::plan);
                    case Plan.Compute compute -> {
                        LayerWeights weights = of(compute);
                        if (weights != null) {
                            layers.add(weights);
                        }
                    }
                    case Plan.Reorder reorder -> {}
                    case Plan.Activate activate -> {}
                }
            }
        }

        private @Nullable LayerWeights of(Plan.Compute step) {
            return switch (step.layer()) {
                case Layer.Dense dense -> dense(dense.in(), dense.out(), next(), next());
                case Conv2d layer -> convolution(layer, step);
                case BatchNorm layer -> batchNorm(layer);
                case LayerNorm layer -> layerNorm();
                case Recurrent layer -> recurrent(layer);
                default -> null;
            };
        }

        private DenseWeights dense(int in, int out, Slice weight, Slice bias) {
            return new DenseWeights(
                    in, out, weight.value, bias.value, weight.gradient, bias.gradient, device.operations(), arena);
        }

        private ConvolutionWeights convolution(Conv2d layer, Plan.Compute step) {
            Slice weight = next();
            Slice bias = layer.bias() ? next() : null;
            Convolution shape = layer.on(step.input(), step.order() == Plan.Order.CHANNELS_FIRST);
            return new ConvolutionWeights(
                    shape,
                    weight.value,
                    weight.gradient,
                    bias == null ? null : bias.value,
                    bias == null ? null : bias.gradient,
                    device.operations(),
                    arena);
        }

        private BatchNormWeights batchNorm(BatchNorm layer) {
            Slice weight = next();
            Slice bias = next();
            return new BatchNormWeights(
                    layer,
                    weight.value,
                    bias.value,
                    weight.gradient,
                    bias.gradient,
                    nextStatistic(),
                    nextStatistic(),
                    arena.floats(layer.channels()),
                    arena.floats(layer.channels()));
        }

        private LayerNormWeights layerNorm() {
            Slice weight = next();
            Slice bias = next();
            return new LayerNormWeights(weight.value, bias.value, weight.gradient, bias.gradient);
        }

        private RecurrentWeights recurrent(Recurrent layer) {
            Slice inputs = next();
            Slice states = next();
            Slice inputBias = next();
            Slice stateBias = next();
            DenseWeights dense = dense(layer.in(), layer.kind().gates() * layer.hidden(), inputs, inputBias);
            return new RecurrentWeights(dense, states.value, stateBias.value, states.gradient, stateBias.gradient);
        }
    }

    /** What each step with weights has, in the order of the plan. */
    List<LayerWeights> layers() {
        return layers;
    }

    /** Whether there are bfloat16 copies of dense layers' weights that must be kept up to date. */
    boolean hasHalves() {
        return dense().stream().anyMatch(DenseWeights::hasHalves);
    }

    private List<DenseWeights> dense() {
        return layers.stream()
                .filter(DenseWeights.class::isInstance)
                .map(DenseWeights.class::cast)
                .toList();
    }

    /** Makes what products at a precision need, so that nothing is allocated when an attack begins. */
    void prepare(Precision precision) {
        for (LayerWeights layer : layers) {
            if (layer instanceof ConvolutionWeights convolution) {
                convolution.prepared(precision);
            }
            if (layer instanceof DenseWeights dense && precision == Precision.BF16) {
                dense.halves();
            }
        }
    }

    /**
     * All parameters, one after another, then all statistics.
     *
     * @return the flat buffer; call {@link #refresh} after changing it
     */
    public Buffer values() {
        return values;
    }

    /**
     * The gradient of the last backward pass, laid out like the parameters.
     *
     * @return the flat buffer
     */
    public Buffer gradient() {
        return gradient;
    }

    /** Brings what layers have prepared up to date. */
    public synchronized void refresh() {
        layers.forEach(layer -> layer.refresh(device.operations()));
    }

    /** Counts a bound model: weights stay while one reads them. */
    synchronized void acquire() {
        if (users < 0) {
            throw new IllegalStateException("this classifier is closed");
        }
        users++;
    }

    synchronized void release() {
        users--;
    }

    /**
     * Frees the weights.
     *
     * @throws IllegalStateException while models are bound to them
     */
    @Override
    public synchronized void close() {
        if (users > 0) {
            throw new IllegalStateException("this classifier is in use by " + users + " bound model"
                    + (users == 1 ? "" : "s") + ": close them first");
        }
        users = -1;
        arena.close();
    }
}
