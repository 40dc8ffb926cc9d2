package org.saddlepoint.model.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Window;
import org.saddlepoint.format.onnx.OnnxTensor;
import org.saddlepoint.model.Branches;
import org.saddlepoint.model.Conv2d;
import org.saddlepoint.model.GlobalAveragePool;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.Pool2d;
import org.saddlepoint.model.Shape;
import org.saddlepoint.model.onnx.Call.Operator;

/** Operators of images: convolution, pooling, padding, and branches that become channels of one image. */
final class ImageOperators {
    private ImageOperators() {}

    static Map<String, Operator> table() {
        Map<String, Operator> table = new HashMap<>();
        table.put("Conv", ImageOperators::convolution);
        table.put("MaxPool", call -> pooling(call, Pool2d.Kind.MAX));
        table.put("AveragePool", call -> pooling(call, Pool2d.Kind.AVERAGE));
        table.put("GlobalAveragePool", ImageOperators::globalAverage);
        table.put("ReduceMean", ImageOperators::mean);
        table.put("Pad", ImageOperators::pad);
        table.put("Concat", ImageOperators::concatenation);
        return table;
    }

    /** An image behind the batch axis, without the padding before it. */
    private static Vertex image(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        if (data.rank() != 4 || data.batchAxis() != 0) {
            throw new Unsupported(
                    "takes values of shape " + data.text() + ", expected batch x channels x height x width");
        }
        return data.inShape(call.name());
    }

    private static List<Value> convolution(Call call) throws Unsupported {
        Vertex image = image(call);
        OnnxTensor tensor = call.constant(1, "weights");
        List<Integer> shape = tensor.shape();
        if (shape.size() != 4) {
            throw new Unsupported("has weights of shape " + tensor.text() + ", expected four dimensions (2-D)");
        }
        Vertex.@Nullable Padding padding = image.step() instanceof Vertex.Padding found ? found : null;
        Vertex input = padding == null ? image : image.input();
        Window window = added(window(call, image, shape.get(2), shape.get(3)).window(), padding);
        int groups = group(call.node().integer("group", 1));
        boolean bias = call.has(2);
        Conv2d layer = new Conv2d(image.shape().dimensions().getFirst(), shape.get(0), window, groups, bias);
        if (!shape.equals(layer.tensors().getFirst().shape())) {
            throw new Unsupported("has weights of shape " + tensor.text() + ", expected "
                    + layer.tensors().getFirst().shape());
        }
        float[] weights = Call.finite(tensor, "weights");
        float[] parameters = weights;
        if (bias) {
            call.context().budget().take(weights.length);
            parameters = Sequences.concatenated(List.of(weights, call.weights(2, "biases", shape.get(0))));
        }
        return Call.one(Value.Data.of(input.then(Vertex.Weighted.of(layer, parameters), call.name())));
    }

    private static int group(long groups) throws Unsupported {
        if (groups < 1 || groups > Integer.MAX_VALUE) {
            throw new Unsupported("has " + groups + " groups");
        }
        return (int) groups;
    }

    private static Window added(Window window, Vertex.@Nullable Padding padding) {
        if (padding == null) {
            return window;
        }
        return new Window(
                window.height(),
                window.width(),
                window.strideY(),
                window.strideX(),
                Math.addExact(window.top(), padding.top()),
                Math.addExact(window.left(), padding.left()),
                Math.addExact(window.bottom(), padding.bottom()),
                Math.addExact(window.right(), padding.right()),
                window.dilationY(),
                window.dilationX());
    }

    private static List<Value> pooling(Call call, Pool2d.Kind kind) throws Unsupported {
        Vertex image = image(call);
        List<Long> kernel = call.node().integers("kernel_shape");
        if (kernel == null || kernel.size() != 2) {
            throw new Unsupported("has the kernel " + kernel + ", expected two sizes (2-D)");
        }
        Geometry geometry = window(call, image, small(kernel.get(0)), small(kernel.get(1)));
        Window window = geometry.window();
        boolean countsPadding = call.node().integer("count_include_pad", 0) != 0;
        boolean unpadded = window.top() + window.left() + window.bottom() + window.right() == 0;
        if (geometry.beyond() && kind == Pool2d.Kind.AVERAGE && countsPadding) {
            throw new Unsupported("has ceil_mode 1 where it makes a difference, and counts padding");
        }
        Vertex input = image;
        if (image.step() instanceof Vertex.Padding padding) {
            if (kind == Pool2d.Kind.AVERAGE ? !(countsPadding || unpadded) : !isNonNegative(image.input())) {
                throw new Unsupported("pools over the zeros of " + image.node() + " and over padding of its own kind");
            }
            countsPadding = true;
            input = image.input();
            window = added(window, padding);
        }
        Value indices = new Value.Missing("reads the indices of a max pooling, which are not computed");
        Pool2d layer = new Pool2d(kind, window, kind == Pool2d.Kind.AVERAGE && countsPadding);
        return List.of(Value.Data.of(input.then(layer, call.name())), indices);
    }

    /** Where zeros around an image change no maximum. */
    private static boolean isNonNegative(Vertex vertex) {
        return vertex.step() instanceof Vertex.Weighted weighted
                && weighted.layer() instanceof Layer.Nonlinearity nonlinearity
                && (nonlinearity.function().kind() == Activation.Kind.RELU
                        || nonlinearity.function().kind() == Activation.Kind.CLIPPED_RELU
                        || nonlinearity.function().kind() == Activation.Kind.SIGMOID);
    }

    /** A window, and whether its bottom or right padding was widened for ceil_mode. */
    private record Geometry(Window window, boolean beyond) {}

    private static Geometry window(Call call, Vertex image, int height, int width) throws Unsupported {
        List<Long> kernel = call.node().integers("kernel_shape");
        if (kernel != null && !kernel.equals(List.of((long) height, (long) width))) {
            throw new Unsupported("has the kernel " + kernel + " and weights for " + height + "x" + width);
        }
        int[] strides = pair(call, "strides", 2);
        int[] dilations = pair(call, "dilations", 2);
        String auto = call.node().text("auto_pad", "NOTSET");
        int[] pads = new int[4];
        if (auto.equals("NOTSET")) {
            List<Long> given = call.node().integers("pads");
            if (given != null) {
                pads = pair(call, "pads", 4);
            }
        } else if (auto.equals("SAME_UPPER") || auto.equals("SAME_LOWER")) {
            for (int d = 0; d < 2; d++) {
                long size = image.shape().dimensions().get(1 + d);
                long span = (d == 0 ? height - 1L : width - 1L) * dilations[d] + 1;
                long positions = (size + strides[d] - 1) / strides[d];
                int total = small(Math.max(0, (positions - 1) * strides[d] + span - size));
                pads[d] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
                pads[2 + d] = total - pads[d];
            }
        } else if (!auto.equals("VALID")) {
            throw new Unsupported("has the auto_pad " + auto);
        }
        int[] beyond = call.node().integer("ceil_mode", 0) == 0
                ? new int[2]
                : beyond(image, new int[] {height, width}, strides, dilations, pads);
        Window window = new Window(
                height,
                width,
                strides[0],
                strides[1],
                pads[0],
                pads[1],
                Math.addExact(pads[2], beyond[0]),
                Math.addExact(pads[3], beyond[1]),
                dilations[0],
                dilations[1]);
        return new Geometry(window, beyond[0] + beyond[1] > 0);
    }

    /** What ceil_mode adds at the end: up to one more position, if it begins within the image or the padding before it. */
    private static int[] beyond(Vertex image, int[] kernel, int[] strides, int[] dilations, int[] pads) {
        int[] beyond = new int[2];
        for (int d = 0; d < 2; d++) {
            long size = image.shape().dimensions().get(1 + d);
            long room = size + pads[d] + pads[2 + d] - ((kernel[d] - 1L) * dilations[d] + 1);
            long start = (room / strides[d] + 1) * strides[d];
            if (room > 0 && room % strides[d] != 0 && start < size + pads[d]) {
                beyond[d] = (int) (start - room);
            }
        }
        return beyond;
    }

    private static int small(long size) throws Unsupported {
        if (size < 0 || size > Integer.MAX_VALUE) {
            throw new Unsupported("has the size " + size);
        }
        return (int) size;
    }

    private static int[] pair(Call call, String attribute, int count) throws Unsupported {
        List<Long> given = call.node().integers(attribute);
        int[] values = new int[count];
        Arrays.fill(values, 1);
        if (given != null) {
            if (given.size() != count) {
                throw new Unsupported("has " + attribute + " " + given + ", expected " + count + " (2-D)");
            }
            for (int i = 0; i < count; i++) {
                values[i] = small(given.get(i));
            }
        }
        return values;
    }

    private static List<Value> globalAverage(Call call) throws Unsupported {
        Vertex mean = image(call).then(new GlobalAveragePool(), call.name());
        List<Axis> axes = new ArrayList<>(Value.Data.of(mean).axes());
        axes.add(Axis.one());
        axes.add(Axis.one());
        return Call.one(new Value.Data(mean, axes));
    }

    /** The axes that a mean is taken over. */
    static boolean[] reduced(Call call, int rank) throws Unsupported {
        long[] given = call.integers(1, "axes");
        boolean[] gone = new boolean[rank];
        for (long axis : given == null ? new long[0] : given) {
            gone[Call.axis(axis, rank)] = true;
        }
        return gone;
    }

    /** A mean over all of each channel; the order within a channel does not matter. */
    private static List<Value> mean(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        boolean[] gone = reduced(call, data.rank());
        boolean keep = call.node().integer("keepdims", 1) != 0;
        List<Axis> axes = new ArrayList<>();
        List<Axis.Part> kept = new ArrayList<>();
        for (int i = 0; i < gone.length; i++) {
            Axis axis = data.axes().get(i);
            if (!gone[i]) {
                kept.addAll(axis.parts());
                axes.add(axis);
            } else if (axis.batch()) {
                throw new Unsupported("takes a mean over the batch");
            } else if (keep) {
                axes.add(Axis.one());
            }
        }
        int channels = data.vertex().shape().dimensions().getFirst();
        int pixels = data.size() / channels;
        List<Axis.Part> byChannel = Axis.merged(List.of(new Axis.Part(channels, pixels)));
        if (!Axis.merged(kept).equals(byChannel)) {
            Value.Moment moment = MomentOperators.mean(data, gone, keep);
            if (moment != null) {
                return Call.one(moment);
            }
            throw new Unsupported(
                    "takes a mean of values of shape " + data.text() + " over other axes than height and" + " width");
        }
        Vertex image = data.vertex().shape().dimensions().size() == 3
                ? data.vertex()
                : Value.Data.reshaped(data.vertex(), Shape.of(channels, 1, pixels), call.name());
        Vertex mean = image.then(new GlobalAveragePool(), call.name());
        axes.replaceAll(axis -> axis.parts().isEmpty() ? axis : Axis.of(channels, 1));
        return Call.one(new Value.Data(mean, axes));
    }

    private static List<Value> pad(Call call) throws Unsupported {
        Value.Data data = call.data(0);
        if (!call.node().text("mode", "constant").equals("constant")) {
            throw new Unsupported("has the mode " + call.node().text("mode", "") + ", where zeros can be padded");
        }
        boolean nonzero = call.has(2)
                ? !call.input(2).equals(new Value.Filled(0))
                        && call.constant(2, "padding").floats()[0] != 0
                : call.node().number("value", 0) != 0;
        long[] pads = call.integers(1, "pads");
        long[] given = call.has(3) ? call.integers(3, "axes") : null;
        int[] order = data.permutation();
        if (nonzero || pads == null || pads.length % 2 != 0 || order == null) {
            throw new Unsupported("pads with other values than zeros, or other values than an image");
        }
        int[] sizes = new int[4];
        int half = pads.length / 2;
        for (int i = 0; i < half; i++) {
            int axis = Call.axis(given == null ? i : given.length == half ? given[i] : data.rank(), data.rank());
            if (pads[i] == 0 && pads[half + i] == 0) {
                continue;
            }
            if (order.length != 4 || order[axis] < 1) {
                throw new Unsupported("pads axis " + axis + " of values of shape " + data.text()
                        + ", where height and width of images can be padded");
            }
            sizes[order[axis] - 1] = small(pads[i]);
            sizes[order[axis] + 1] = small(pads[half + i]);
        }
        if (Arrays.stream(sizes).allMatch(size -> size == 0)) {
            return Call.one(data);
        }
        List<Integer> from = data.vertex().shape().dimensions();
        Shape shape = Shape.of(
                from.get(0),
                Math.addExact(from.get(1), Math.addExact(sizes[0], sizes[2])),
                Math.addExact(from.get(2), Math.addExact(sizes[1], sizes[3])));
        Vertex.Padding step = new Vertex.Padding(sizes[0], sizes[1], sizes[2], sizes[3]);
        return Call.one(Value.Data.permuted(data.vertex().then(step, shape, call.name()), order));
    }

    private static List<Value> concatenation(Call call) throws Unsupported {
        List<Vertex> inputs = new ArrayList<>();
        int[] order = null;
        int axis = Call.axis(call.node().integer("axis", 0), call.data(0).rank());
        for (int i = 0; i < call.inputs().size(); i++) {
            Value.Data data = call.data(i);
            if (data.isInOrder() && data.rank() > 1) {
                Vertex vertex = data.inShape(call.name());
                data = new Value.Data(vertex, Value.Data.axes(vertex.shape(), data.batchAxis()));
            }
            int[] own = data.permutation();
            if (own == null || own.length <= axis || own[axis] != 0 || (order != null && !Arrays.equals(own, order))) {
                throw new Unsupported("concatenates values of shape " + data.text() + " on axis " + axis
                        + ", where channels, and features of vectors, can be concatenated");
            }
            order = own;
            inputs.add(data.vertex());
        }
        if (order == null || inputs.size() == 1) {
            return Call.one(call.data(0));
        }
        List<Integer> sizes = new ArrayList<>(inputs.getFirst().shape().dimensions());
        int channels = 0;
        for (Vertex input : inputs) {
            List<Integer> other = input.shape().dimensions();
            channels = Math.addExact(channels, other.getFirst());
            if (other.size() != sizes.size()
                    || !other.subList(1, other.size()).equals(sizes.subList(1, sizes.size()))) {
                throw new Unsupported(
                        "concatenates images of shapes " + inputs.getFirst().shape() + " and " + input.shape());
            }
        }
        sizes.set(0, channels);
        Vertex joined = Vertex.join(Branches.Join.CONCATENATE, inputs, new Shape(sizes), call.name());
        return Call.one(Value.Data.permuted(joined, order));
    }
}
