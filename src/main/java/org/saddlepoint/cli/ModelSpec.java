package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.saddlepoint.data.DatasetInfo;
import org.saddlepoint.data.EditDistance;
import org.saddlepoint.device.Recurrence;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.model.Architectures;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.ModelDescription;
import org.saddlepoint.model.Shape;

/** Models by name: {@code mlp:512,256} has two hidden layers, {@code cnn:madry} is a published network. */
final class ModelSpec {
    private static final List<String> KINDS = List.of("mlp", "cnn", "resnet18", "rnn", "lstm", "gru");
    private static final List<String> CNNS = List.of("small", "madry");

    private final String spec;
    private final String kind;
    private final String rest;

    private ModelSpec(String spec) {
        int colon = spec.indexOf(':');
        this.spec = spec;
        this.kind = colon < 0 ? spec : spec.substring(0, colon);
        this.rest = colon < 0 ? "" : spec.substring(colon + 1);
    }

    /** Refuses what no data set could make right. */
    static void check(String spec) {
        ModelSpec parsed = new ModelSpec(spec);
        if (parsed.isFile()) {
            return;
        }
        switch (parsed.kind) {
            case "mlp", "rnn", "lstm", "gru" -> parsed.widths();
            case "cnn" -> {
                if (!CNNS.contains(parsed.rest)) {
                    throw parsed.wrong(
                            EditDistance.suggestion(parsed.rest, CNNS) + ": the networks are cnn:small and cnn:madry");
                }
            }
            case "resnet18" -> {
                if (spec.contains(":")) {
                    throw parsed.wrong(": resnet18 takes no further settings");
                }
            }
            default ->
                throw parsed.wrong(EditDistance.suggestion(parsed.kind, KINDS)
                        + ": it must be mlp:WIDTHS, cnn:small, cnn:madry, resnet18, rnn:WIDTHS, lstm:WIDTHS,"
                        + " gru:WIDTHS or a .toml file");
        }
    }

    /** The model for a data set. */
    static Model build(String spec, Choices.Hidden activation, DatasetInfo data) throws IOException {
        check(spec);
        Shape input = new Shape(Arrays.stream(data.shape()).boxed().toList());
        try {
            return new ModelSpec(spec).build(activation, input, data.classes());
        } catch (MalformedFileException e) {
            throw new UsageException("--model: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--model is '" + spec + "': " + e.getMessage(), e);
        }
    }

    private Model build(Choices.Hidden activation, Shape input, int classes) throws IOException {
        if (isFile()) {
            return ModelDescription.read(Path.of(spec), input, classes);
        }
        return switch (kind) {
            case "mlp" -> Model.mlp(input, widths(), activation.layer(), classes);
            case "resnet18" -> Architectures.resnet18(input, classes);
            case "cnn" ->
                rest.equals("small") ? Architectures.smallCnn(input, classes) : Architectures.madryCnn(input, classes);
            case "rnn" -> Architectures.recurrent(Recurrence.Kind.RNN_TANH, input, widths(), classes);
            default ->
                Architectures.recurrent(
                        Recurrence.Kind.valueOf(kind.toUpperCase(Locale.ROOT)), input, widths(), classes);
        };
    }

    /** The same model, whatever the working directory. */
    static String absolute(String spec) {
        return new ModelSpec(spec).isFile() ? Path.of(spec).toAbsolutePath().toString() : spec;
    }

    private boolean isFile() {
        return spec.endsWith(".toml");
    }

    private List<Integer> widths() {
        if (rest.isEmpty()) {
            throw wrong(": the widths of hidden layers are missing");
        }
        List<Integer> widths = new ArrayList<>();
        for (String width : rest.split(",", -1)) {
            try {
                widths.add(Integer.parseInt(width.strip()));
            } catch (NumberFormatException e) {
                throw wrong(": '" + width + "' is no width");
            }
            if (widths.getLast() < 1) {
                throw wrong(": widths must be at least 1");
            }
        }
        return widths;
    }

    private UsageException wrong(String reason) {
        return new UsageException("--model is '" + spec + "'" + reason + ", as in mlp:512,256 or cnn:small");
    }
}
