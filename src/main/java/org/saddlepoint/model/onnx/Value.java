package org.saddlepoint.model.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.format.onnx.OnnxTensor;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.Reshape;
import org.saddlepoint.model.Shape;

/** A value of the graph. */
sealed interface Value {
    /** Stands in a shape for the number of examples, whatever it is. */
    long BATCH = Long.MIN_VALUE + 7919;

    /** Known numbers; integers may be {@link #BATCH}. */
    record Constant(OnnxTensor tensor) implements Value {}

    /** One number all over, in a shape that may depend on the batch and that nobody asks for. */
    record Filled(double number) implements Value {}

    /** What cannot be known; why was said where it was made, or is said where it is used. */
    record Missing(@Nullable String reason) implements Value {}

    /**
     * What a layer normalisation computes on the way, where an exporter writes it out: of some values, over the last axes.
     */
    record Moment(Data of, int axis, Stage stage, float epsilon) implements Value {
        /** Steps on the way. */
        enum Stage {
            /** E[x]. */
            MEAN,
            /** x - E[x]. */
            CENTRED,
            /** (x - E[x])^2. */
            SQUARED,
            /** E[(x - E[x])^2], epsilon perhaps added. */
            VARIANCE,
            /** Its square root. */
            DEVIATION
        }

        Moment at(Stage next) {
            return new Moment(of, axis, next, epsilon);
        }
    }

    /** Values that depend on the input: a vertex' values, in the order of its shape, on the axes that ONNX sees. */
    record Data(Vertex vertex, List<Axis> axes) implements Value {
        /** A vertex' values behind a batch axis, in its own shape. */
        static Data of(Vertex vertex) {
            return new Data(vertex, axes(vertex.shape(), 0));
        }

        /** The axes of a shape, the batch at a position among them. */
        static List<Axis> axes(Shape shape, int batchAt) {
            List<Axis> axes = new ArrayList<>();
            long stride = shape.size();
            for (int size : shape.dimensions()) {
                stride /= size;
                axes.add(Axis.of(size, stride));
            }
            axes.add(batchAt, Axis.BATCH);
            return axes;
        }

        public Data {
            axes = List.copyOf(axes);
        }

        int rank() {
            return axes.size();
        }

        /** Values of one example. */
        int size() {
            return vertex.shape().size();
        }

        int batchAxis() {
            return axes.indexOf(Axis.BATCH);
        }

        /** Sizes, {@link #BATCH} among them. */
        long[] dimensions() {
            return axes.stream()
                    .mapToLong(axis -> axis.batch() ? BATCH : axis.size())
                    .toArray();
        }

        String text() {
            return axes.stream()
                    .map(axis -> axis.batch() ? "batch" : String.valueOf(axis.size()))
                    .collect(Collectors.joining("x"));
        }

        Data on(Vertex other) {
            return new Data(other, axes);
        }

        /** The same values behind a layer that takes any shape and changes none. */
        Data then(Layer layer, String node) {
            return on(vertex.then(layer, node));
        }

        /** Whether ONNX sees the values in the network's order. */
        boolean isInOrder() {
            List<Axis.Part> all = Axis.merged(
                    axes.stream().flatMap(axis -> axis.parts().stream()).toList());
            return all.isEmpty() || all.equals(List.of(new Axis.Part(size(), 1)));
        }

        /**
         * The vertex in the shape that ONNX sees, batch left out.
         *
         * @throws Unsupported where the order of the values is another
         */
        Vertex inShape(String node) throws Unsupported {
            if (!isInOrder()) {
                throw new Unsupported("takes values of shape " + text()
                        + " whose order was permuted: only a dense layer can take those");
            }
            return reshaped(vertex, new Shape(sizes()), node);
        }

        private List<Integer> sizes() {
            List<Integer> sizes = new ArrayList<>();
            for (Axis axis : axes) {
                if (!axis.batch()) {
                    sizes.add(Math.toIntExact(axis.size()));
                }
            }
            return sizes.isEmpty() ? List.of(1) : sizes;
        }

        /** A vertex in another shape; reshaping what was reshaped goes back to the origin. */
        static Vertex reshaped(Vertex vertex, Shape shape, String node) {
            Vertex origin = vertex;
            while (!origin.shape().equals(shape)
                    && origin.step() instanceof Vertex.Weighted weighted
                    && (weighted.layer() instanceof Reshape || weighted.layer() instanceof Layer.Flatten)) {
                origin = origin.input();
            }
            if (origin.shape().equals(shape)) {
                return origin;
            }
            return origin.then(shape.dimensions().size() == 1 ? new Layer.Flatten() : new Reshape(shape), node);
        }

        /** For each axis the dimension of the vertex that it is, -1 for the batch; null where axes mix dimensions. */
        int @Nullable [] permutation() {
            List<Axis> own = axes(vertex.shape(), vertex.shape().dimensions().size());
            if (own.size() != axes.size()) {
                return null;
            }
            int[] dimensions = new int[axes.size()];
            boolean[] taken = new boolean[axes.size()];
            for (int i = 0; i < dimensions.length; i++) {
                dimensions[i] = -1;
                for (int j = 0; j < own.size() - 1 && !axes.get(i).batch() && dimensions[i] < 0; j++) {
                    if (!taken[j] && own.get(j).equals(axes.get(i))) {
                        dimensions[i] = j;
                        taken[j] = true;
                    }
                }
                if (dimensions[i] < 0 && !axes.get(i).batch()) {
                    return null;
                }
            }
            return dimensions;
        }

        /** A vertex of as many dimensions as this one's, under the same permutation. */
        static Data permuted(Vertex vertex, int[] permutation) {
            List<Axis> own = axes(vertex.shape(), vertex.shape().dimensions().size());
            List<Axis> axes = new ArrayList<>();
            for (int dimension : permutation) {
                axes.add(dimension < 0 ? Axis.BATCH : own.get(dimension));
            }
            return new Data(vertex, axes);
        }
    }
}
