package org.saddlepoint.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.saddlepoint.device.Recurrence;
import org.saddlepoint.device.Window;
import org.saddlepoint.format.MalformedFileException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.toml.TomlMapper;

/**
 * Models as TOML: an array {@code layers} of tables, each with a {@code type} and that layer's settings. Sizes of inputs
 * follow from what comes before; the last dense layer's features are the classes where it names none.
 *
 * <pre>
 * layers = [
 *     { type = "conv", channels = 32, kernel = 5, padding = "same" },
 *     { type = "relu" },
 *     { type = "max_pool", kernel = 2 },
 *     { type = "residual", body = [{ type = "conv", channels = 32, kernel = 3, padding = 1 }, { type = "relu" }] },
 *     { type = "flatten" },
 *     { type = "dense" },
 * ]
 * </pre>
 */
public final class ModelDescription {
    private static final int LONGEST = 1 << 20;

    private final int classes;

    private ModelDescription(int classes) {
        this.classes = classes;
    }

    /**
     * Reads a description.
     *
     * @param file of TOML
     * @param input shape of one example
     * @param classes logits
     * @return the model
     * @throws MalformedFileException where the file is not TOML or describes no model for that input
     * @throws IOException where it cannot be read
     */
    public static Model read(Path file, Shape input, int classes) throws IOException {
        if (Files.size(file) > LONGEST) {
            throw new MalformedFileException(
                    file + " has " + Files.size(file) + " bytes: a description of a model has at" + " most " + LONGEST);
        }
        try {
            Table root = new Table("the model", new TomlMapper().readTree(Files.readString(file)));
            List<Layer> layers = new ModelDescription(classes).layers(root.required("layers"), "layer", input);
            root.requireAllTaken();
            Model model = new Model(input, layers);
            if (model.classes() != classes) {
                throw new IllegalArgumentException(
                        "the model has " + model.classes() + " outputs, the data " + classes + " classes");
            }
            return model;
        } catch (JacksonException e) {
            String where =
                    e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
            throw new MalformedFileException(file + where + ": not TOML: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new MalformedFileException(file + ": " + e.getMessage(), e);
        }
    }

    private List<Layer> layers(JsonNode list, String name, Shape input) {
        if (!list.isArray()) {
            throw new IllegalArgumentException(name + "s are not a list of tables");
        }
        List<Layer> layers = new ArrayList<>();
        Shape shape = input;
        for (int i = 0; i < list.size(); i++) {
            Table table = new Table(name + " " + i, list.get(i));
            Layer layer = layer(table, shape);
            table.requireAllTaken();
            try {
                shape = layer.output(shape);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(table.name() + ": " + e.getMessage(), e);
            }
            layers.add(layer);
        }
        return layers;
    }

    private Layer layer(Table table, Shape input) {
        String type = table.text("type");
        try {
            return switch (type) {
                case "dense" -> new Layer.Dense(input.size(), table.integer("features", classes));
                case "conv" -> convolution(table, input);
                case "max_pool" -> pool(Pool2d.Kind.MAX, table);
                case "average_pool" -> pool(Pool2d.Kind.AVERAGE, table);
                case "global_average_pool" -> new GlobalAveragePool();
                case "flatten" -> new Layer.Flatten();
                case "reshape" -> new Reshape(new Shape(table.integers("shape")));
                case "relu" -> Layers.relu();
                case "leaky_relu" -> Layers.leakyRelu(table.number("slope", 0.01f));
                case "clipped_relu" -> Layers.clippedRelu(table.number("cap", 6));
                case "tanh" -> Layers.tanh();
                case "sigmoid" -> Layers.sigmoid();
                case "batch_norm" ->
                    new BatchNorm(first(input), table.number("epsilon", 1e-5f), table.number("momentum", 0.1f));
                case "layer_norm" ->
                    new LayerNorm(
                            table.has("shape")
                                    ? table.integers("shape")
                                    : List.of(input.dimensions().getLast()),
                            table.number("epsilon", 1e-5f));
                case "dropout" -> new Dropout(table.number("probability", 0.5f));
                case "normalize" -> new Layer.Normalize(table.numbers("mean"), table.numbers("std"));
                case "scale" -> new Scale(table.numbers("scale"), table.numbers("shift"));
                case "residual" -> residual(table, input);
                case "concatenate" -> concatenation(table, input);
                case "rnn", "lstm", "gru" -> recurrent(type, table, input);
                default ->
                    throw new IllegalArgumentException("type is '" + type + "': it must be dense, conv, max_pool,"
                            + " average_pool, global_average_pool, flatten, reshape, relu, leaky_relu, clipped_relu,"
                            + " tanh, sigmoid, batch_norm, layer_norm, dropout, normalize, scale, residual,"
                            + " concatenate, rnn, lstm or gru");
            };
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw new IllegalArgumentException(
                    message.startsWith(table.name()) ? message : table.name() + ": " + message, e);
        }
    }

    private static int first(Shape input) {
        return input.dimensions().getFirst();
    }

    private static Layer convolution(Table table, Shape input) {
        Window window = window(table, 1);
        return new Conv2d(
                first(input), table.integer("channels"), window, table.integer("groups", 1), table.truth("bias", true));
    }

    private static Layer pool(Pool2d.Kind kind, Table table) {
        Window window = window(table, 0);
        boolean count = kind == Pool2d.Kind.AVERAGE && table.truth("count_padding", true);
        return new Pool2d(kind, window, count);
    }

    /** Stride: 0 stands for the kernel's size. */
    private static Window window(Table table, int defaultStride) {
        List<Integer> kernel = table.pair("kernel");
        List<Integer> stride = table.pair("stride", defaultStride);
        List<Integer> dilation = table.pair("dilation", 1);
        int strideY = stride.get(0) == 0 ? kernel.get(0) : stride.get(0);
        int strideX = stride.get(1) == 0 ? kernel.get(1) : stride.get(1);
        int top;
        int left;
        int bottom;
        int right;
        if (table.isText("padding")) {
            if (!table.text("padding").equals("same") || strideY > 1 || strideX > 1) {
                throw new IllegalArgumentException(
                        "padding must be a number, [rows, columns], [top, left, bottom, right]"
                                + " or, with stride 1, \"same\"");
            }
            int spanY = (kernel.get(0) - 1) * dilation.get(0);
            int spanX = (kernel.get(1) - 1) * dilation.get(1);
            top = spanY / 2;
            left = spanX / 2;
            bottom = spanY - top;
            right = spanX - left;
        } else {
            List<Integer> padding = table.has("padding") && table.count("padding") == 4
                    ? table.integers("padding")
                    : table.pair("padding", 0);
            boolean four = padding.size() == 4;
            top = padding.get(0);
            left = padding.get(1);
            bottom = padding.get(four ? 2 : 0);
            right = padding.get(four ? 3 : 1);
        }
        return new Window(
                kernel.get(0),
                kernel.get(1),
                strideY,
                strideX,
                top,
                left,
                bottom,
                right,
                dilation.get(0),
                dilation.get(1));
    }

    private Layer residual(Table table, Shape input) {
        List<Layer> body = layers(table.required("body"), table.name() + ", body layer", input);
        List<Layer> shortcut = table.has("shortcut")
                ? layers(table.required("shortcut"), table.name() + ", shortcut layer", input)
                : List.of();
        return new Branches(List.of(body, shortcut), Branches.Join.ADD);
    }

    private Layer concatenation(Table table, Shape input) {
        JsonNode branches = table.required("branches");
        List<List<Layer>> all = new ArrayList<>();
        for (int b = 0; b < branches.size(); b++) {
            all.add(layers(branches.get(b), table.name() + ", branch " + b + ", layer", input));
        }
        return new Branches(all, Branches.Join.CONCATENATE);
    }

    private static Layer recurrent(String type, Table table, Shape input) {
        Recurrence.Kind kind = type.equals("rnn")
                ? (table.has("activation") && table.text("activation").equals("relu")
                        ? Recurrence.Kind.RNN_RELU
                        : Recurrence.Kind.RNN_TANH)
                : Recurrence.Kind.valueOf(type.toUpperCase(Locale.ROOT));
        return new Recurrent(
                kind, input.dimensions().getLast(), table.integer("hidden"), table.truth("sequence", false));
    }
}
