package org.saddlepoint.model;

import java.util.ArrayList;
import java.util.List;
import org.saddlepoint.device.Activation;

/**
 * A model's layers as devices run them. Layers that only name things are gone; a non-linearity is the epilogue of the step
 * before it; and every step says in which order values lie. Images come channels first, and inside a network lie channels
 * last, where convolutions and pooling are fastest; steps that change the order stand where a layer needs the other one.
 */
final class Plan {
    /** How an example's values lie in memory. */
    enum Order {
        /** As shapes say: the first dimension, the channels, changes slowest. */
        CHANNELS_FIRST,
        /** The channels change fastest. */
        CHANNELS_LAST
    }

    /** One call of a device, or a few. */
    sealed interface Step {
        /** Shape of its input. */
        Shape input();

        /** Shape of its output. */
        Shape output();

        /** How its input lies; its output too, except where said otherwise. */
        Order order();

        /** Of its output. */
        Activation activation();
    }

    /** A layer; a convolution's and a pooling's output lies channels last. */
    record Compute(Layer layer, Shape input, Shape output, Order order, Activation activation) implements Step {}

    /** A change from the order of its input to the other one. */
    record Reorder(Shape input, Order order, Activation activation) implements Step {
        @Override
        public Shape output() {
            return input;
        }
    }

    /** A non-linearity with no step before it that could take it along. */
    record Activate(Shape input, Order order, Activation activation) implements Step {
        @Override
        public Shape output() {
            return input;
        }
    }

    /** Branches, each a plan of its own; their outputs lie in the order joined. */
    record Split(
            Branches layer,
            List<List<Step>> branches,
            Shape input,
            Shape output,
            Order order,
            Order joined,
            Activation activation)
            implements Step {}

    private final List<Step> steps = new ArrayList<>();
    private Shape shape;
    private Order order;

    private Plan(Shape shape, Order order) {
        this.shape = shape;
        this.order = order;
    }

    static List<Step> of(Model model) {
        Plan plan = new Plan(model.input(), Order.CHANNELS_FIRST);
        plan.addAll(model.layers());
        plan.turn(Order.CHANNELS_FIRST);
        return List.copyOf(plan.steps);
    }

    private void addAll(List<Layer> layers) {
        for (int i = 0; i < layers.size(); i++) {
            if (i + 1 < layers.size()
                    && computes(layers.get(i))
                    && layers.get(i + 1) instanceof Layer.Nonlinearity next) {
                add(layers.get(i), next.function());
                i++;
            } else {
                add(layers.get(i), Activation.IDENTITY);
            }
        }
    }

    /** Whether a layer makes a step that can take a non-linearity along. */
    private static boolean computes(Layer layer) {
        return switch (layer) {
            case Layer.Flatten ignored -> false;
            case Reshape ignored -> false;
            case Layer.Nonlinearity ignored -> false;
            case Dropout ignored -> false;
            default -> true;
        };
    }

    private void add(Layer layer, Activation activation) {
        switch (layer) {
            case Layer.Nonlinearity alone -> steps.add(new Activate(shape, order, alone.function()));
            case Layer.Flatten ignored -> take(layer);
            case Reshape ignored -> take(layer);
            case Conv2d ignored -> image(layer, activation);
            case Pool2d ignored -> {
                turn(Order.CHANNELS_LAST);
                image(layer, activation);
            }
            case GlobalAveragePool ignored -> {
                turn(Order.CHANNELS_LAST);
                image(layer, activation);
                order = Order.CHANNELS_FIRST; // of a vector
            }
            case BatchNorm ignored -> {
                turn(Order.CHANNELS_LAST);
                compute(layer, activation);
            }
            case Branches branches -> split(branches, activation);
            case Layer.Normalize ignored -> compute(layer, activation);
            case Scale ignored -> compute(layer, activation);
            case Dropout ignored -> compute(layer, activation);
            case Layer.Dense ignored -> ordered(layer, activation);
            case LayerNorm ignored -> ordered(layer, activation);
            case Recurrent ignored -> ordered(layer, activation);
        }
    }

    /** A layer that gives the same values another shape. */
    private void take(Layer layer) {
        turn(Order.CHANNELS_FIRST);
        shape = layer.output(shape);
    }

    private void ordered(Layer layer, Activation activation) {
        turn(Order.CHANNELS_FIRST);
        compute(layer, activation);
    }

    private void image(Layer layer, Activation activation) {
        compute(layer, activation);
        order = Order.CHANNELS_LAST;
    }

    private void compute(Layer layer, Activation activation) {
        Shape output = layer.output(shape);
        steps.add(new Compute(layer, shape, output, order, activation));
        shape = output;
    }

    private void split(Branches layer, Activation activation) {
        List<Plan> plans = new ArrayList<>();
        for (List<Layer> branch : layer.branches()) {
            Plan plan = new Plan(shape, order);
            plan.addAll(branch);
            plans.add(plan);
        }
        boolean last = plans.stream().anyMatch(plan -> plan.order == Order.CHANNELS_LAST && !plan.sameInBoth());
        Order joined = last ? Order.CHANNELS_LAST : Order.CHANNELS_FIRST;
        plans.forEach(plan -> plan.turn(joined));
        Shape output = layer.output(shape);
        List<List<Step>> branches =
                plans.stream().map(plan -> List.copyOf(plan.steps)).toList();
        steps.add(new Split(layer, branches, shape, output, order, joined, activation));
        shape = output;
        order = joined;
    }

    private void turn(Order to) {
        if (order != to && !sameInBoth()) {
            steps.add(new Reorder(shape, order, Activation.IDENTITY));
        }
        order = to;
    }

    /** Whether both orders are one: there is one channel, or one value in each. */
    private boolean sameInBoth() {
        int channels = shape.dimensions().getFirst();
        return channels == 1 || channels == shape.size();
    }
}
