package org.saddlepoint.model.onnx;

import java.util.List;
import org.saddlepoint.model.Branches;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.Shape;

/** A place in the network: what is computed there of what, and the nearest place that every path to it passes. */
final class Vertex {
    /** What is computed. */
    sealed interface Step permits Source, Weighted, Join, Padding, Softmax {}

    /** The network's input. */
    record Source() implements Step {}

    /** A layer with its values, in the order of its tensors. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    record Weighted(Layer layer, float[] parameters, float[] statistics) implements Step {
        private static final float[] NONE = {};

        static Weighted of(Layer layer, float[] parameters) {
            return new Weighted(layer, parameters, NONE);
        }

        static Weighted of(Layer layer) {
            return new Weighted(layer, NONE, NONE);
        }
    }

    /** Branches meet. */
    record Join(Branches.Join kind) implements Step {}

    /** Zeros around an image: no layer of its own, part of the convolution or pooling behind it. */
    record Padding(int top, int left, int bottom, int right) implements Step {}

    /** A softmax: no layer, it can stand at the end alone. */
    record Softmax() implements Step {}

    private final Step step;
    private final List<Vertex> inputs;
    private final Shape shape;
    private final String node;
    private final Vertex dominator;
    private final int depth;

    private Vertex(Step step, List<Vertex> inputs, Shape shape, String node) {
        this.step = step;
        this.inputs = List.copyOf(inputs);
        this.shape = shape;
        this.node = node;
        this.dominator = inputs.isEmpty() ? this : common(inputs);
        this.depth = inputs.isEmpty() ? 0 : dominator.depth + 1;
    }

    private static Vertex common(List<Vertex> vertices) {
        Vertex found = vertices.getFirst();
        for (Vertex vertex : vertices) {
            Vertex other = vertex;
            while (found != other) {
                if (found.depth >= other.depth) {
                    found = found.dominator;
                } else {
                    other = other.dominator;
                }
            }
        }
        return found;
    }

    static Vertex source(Shape shape) {
        return new Vertex(new Source(), List.of(), shape, "input");
    }

    /** A layer behind this one. */
    Vertex then(Weighted weighted, String by) {
        return new Vertex(weighted, List.of(this), weighted.layer().output(shape), by);
    }

    /** A layer without values behind this one. */
    Vertex then(Layer layer, String by) {
        return then(Weighted.of(layer), by);
    }

    /** What is no layer, behind this one. */
    Vertex then(Step special, Shape output, String by) {
        return new Vertex(special, List.of(this), output, by);
    }

    static Vertex join(Branches.Join kind, List<Vertex> inputs, Shape shape, String by) {
        return new Vertex(new Join(kind), inputs, shape, by);
    }

    Step step() {
        return step;
    }

    List<Vertex> inputs() {
        return inputs;
    }

    /** The only input. */
    Vertex input() {
        return inputs.getFirst();
    }

    /** Of one example. */
    Shape shape() {
        return shape;
    }

    /** The node that it came from, for messages. */
    String node() {
        return node;
    }

    /** The nearest vertex that every path from the source to here passes; for the source, itself. */
    Vertex dominator() {
        return dominator;
    }
}
