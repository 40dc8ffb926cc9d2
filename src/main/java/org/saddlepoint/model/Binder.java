package org.saddlepoint.model;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Pooling;
import org.saddlepoint.device.Recurrence;
import org.saddlepoint.device.Window;

/** Makes bound layers of a plan's steps: every buffer that they need is allocated here. */
final class Binder {
    private final BufferArena arena;
    private final int batch;
    private final Iterator<LayerWeights> weights;
    private int dropouts;

    Binder(BufferArena arena, int batch, Weights weights) {
        this.arena = arena;
        this.batch = batch;
        this.weights = weights.layers().iterator();
    }

    BoundSequence bind(List<Plan.Step> steps) {
        List<BoundLayer> layers = new ArrayList<>();
        List<Buffer> gradients = new ArrayList<>();
        for (Plan.Step step : steps) {
            BoundLayer layer = bind(step);
            layers.add(layer);
            gradients.add(floats(layer.out));
        }
        return new BoundSequence(layers, gradients);
    }

    private Buffer floats(long perExample) {
        return arena.floats(batch * perExample);
    }

    private BoundLayer bind(Plan.Step step) {
        Activation activation = step.activation();
        Buffer output = floats(step.output().size());
        return switch (step) {
            case Plan.Reorder reorder -> {
                int channels = reorder.input().dimensions().getFirst();
                int pixels = reorder.input().size() / channels;
                yield reorder.order() == Plan.Order.CHANNELS_FIRST
                        ? new BoundReorder(channels, pixels, activation, output)
                        : new BoundReorder(pixels, channels, activation, output);
            }
            case Plan.Activate alone ->
                new BoundScaleShift(
                        new Channels(1, 1, alone.input().size()), constants(1f), null, true, activation, output);
            case Plan.Split split -> branches(split, output);
            case Plan.Compute compute -> compute(compute, output);
        };
    }

    private BoundLayer compute(Plan.Compute step, Buffer output) {
        Activation activation = step.activation();
        return switch (step.layer()) {
            case Layer.Dense ignored -> new BoundDense((DenseWeights) weights.next(), activation, output);
            case Conv2d ignored -> new BoundConvolution((ConvolutionWeights) weights.next(), activation, output);
            case Pool2d layer -> {
                Buffer chosen = layer.kind() == Pool2d.Kind.MAX
                        ? arena.ints((long) batch * step.output().size())
                        : null;
                yield new BoundPool(layer.on(step.input()), chosen, activation, output);
            }
            case GlobalAveragePool ignored -> globalAverage(step, output);
            case Layer.Normalize layer -> normalize(layer, step, output);
            case Scale layer -> scale(layer, step, output);
            case BatchNorm layer -> batchNorm(layer, step, output);
            case LayerNorm layer -> {
                int size = new Shape(layer.shape()).size();
                int rows = step.input().size() / size;
                yield new BoundLayerNorm(
                        rows, size, layer.epsilon(), (LayerNormWeights) weights.next(), activation, output);
            }
            case Dropout layer -> new BoundDropout(step.input().size(), layer.probability(), dropouts++, output);
            case Recurrent layer -> recurrent(layer, step, output);
            case Layer.Nonlinearity ignored -> throw notAStep(step);
            case Layer.Flatten ignored -> throw notAStep(step);
            case Reshape ignored -> throw notAStep(step);
            case Branches ignored -> throw notAStep(step);
        };
    }

    private static IllegalStateException notAStep(Plan.Compute step) {
        return new IllegalStateException(step.layer() + " is no step of a plan by itself");
    }

    private BoundLayer globalAverage(Plan.Compute step, Buffer output) {
        List<Integer> sizes = step.input().dimensions();
        int height = sizes.get(1);
        int width = sizes.get(2);
        Window whole = new Window(height, width, 1, 1, 0, 0, 0, 0, 1, 1);
        return new BoundPool(new Pooling(sizes.get(0), height, width, whole, false), null, step.activation(), output);
    }

    private BoundLayer normalize(Layer.Normalize layer, Plan.Compute step, Buffer output) {
        int channels = layer.mean().size();
        float[] scale = new float[channels];
        float[] shift = new float[channels];
        for (int k = 0; k < channels; k++) {
            scale[k] = (float) (1.0 / layer.std().get(k));
            shift[k] = (float) (-(double) layer.mean().get(k) / layer.std().get(k));
        }
        return new BoundScaleShift(
                Channels.of(step.input(), channels, step.order()),
                constants(scale),
                constants(shift),
                true,
                step.activation(),
                output);
    }

    private BoundLayer scale(Scale layer, Plan.Compute step, Buffer output) {
        float[] scale = floats(layer.scale());
        boolean positive = layer.scale().stream().allMatch(factor -> factor > 0);
        return new BoundScaleShift(
                Channels.of(step.input(), scale.length, step.order()),
                constants(scale),
                constants(floats(layer.shift())),
                positive,
                step.activation(),
                output);
    }

    private BoundLayer batchNorm(BatchNorm layer, Plan.Compute step, Buffer output) {
        int channels = layer.channels();
        return new BoundBatchNorm(
                Channels.of(step.input(), channels, step.order()),
                layer,
                (BatchNormWeights) weights.next(),
                new BoundBatchNorm.Statistics(
                        arena.floats(channels), arena.floats(channels), arena.floats(channels), arena.floats(channels)),
                floats(step.input().size()),
                step.activation(),
                output);
    }

    private BoundLayer recurrent(Recurrent layer, Plan.Compute step, Buffer output) {
        Recurrence shape = layer.on(step.input());
        long gates = (long) shape.steps() * shape.gateSize();
        long states = (long) shape.steps() * shape.hidden();
        Buffer dGates = floats(gates);
        Buffer dHidden = shape.kind() == Recurrence.Kind.GRU ? floats(gates) : dGates;
        boolean remembers = shape.kind() == Recurrence.Kind.GRU || shape.kind() == Recurrence.Kind.LSTM;
        return new BoundRecurrent(
                shape,
                layer.sequence(),
                (RecurrentWeights) weights.next(),
                new BoundRecurrent.Workspace(
                        floats(gates), dGates, dHidden, floats(states), remembers ? floats(states) : null),
                step.activation(),
                output);
    }

    private BoundLayer branches(Plan.Split step, Buffer output) {
        List<BoundSequence> branches = new ArrayList<>();
        step.branches().forEach(branch -> branches.add(bind(branch)));
        return new BoundBranches(
                step.input().size(),
                branches,
                columns(step),
                floats(step.input().size()),
                step.activation(),
                output,
                step.output().size());
    }

    /** Concatenation in the first dimension: of whole examples, or of pixels where channels lie last. */
    private static BoundBranches.@Nullable Columns columns(Plan.Split step) {
        if (step.layer().join() == Branches.Join.ADD) {
            return null;
        }
        Shape output = step.output();
        int rows = step.joined() == Plan.Order.CHANNELS_LAST
                ? output.size() / output.dimensions().getFirst()
                : 1;
        List<Integer> widths = new ArrayList<>();
        for (List<Plan.Step> branch : step.branches()) {
            Shape shape = branch.isEmpty() ? step.input() : branch.getLast().output();
            widths.add(shape.size() / rows);
        }
        return new BoundBranches.Columns(rows, widths);
    }

    private Buffer constants(float... values) {
        Buffer buffer = arena.floats(values.length);
        buffer.write(values);
        return buffer;
    }

    private static float[] floats(List<Float> values) {
        float[] out = new float[values.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = values.get(i);
        }
        return out;
    }
}
