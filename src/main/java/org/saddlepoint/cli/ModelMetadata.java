package org.saddlepoint.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.data.LoadOptions;
import org.saddlepoint.data.Scaling;
import org.saddlepoint.threat.Norm;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What a model's file says of its training, so that later commands have defaults. */
final class ModelMetadata {
    private static final String NORM = "saddlepoint.norm";
    private static final String EPSILON = "saddlepoint.epsilon";
    private static final String METHOD = "saddlepoint.method";
    private static final String DATA = "saddlepoint.data";

    /** Before the name of an option that the data were read with. */
    private static final String READING = "saddlepoint.data.";

    private static final String CLASSES = "saddlepoint.classes";
    private static final String SCALING = "saddlepoint.scaling";

    private static final JsonMapper JSON = new JsonMapper();

    private ModelMetadata() {}

    /**
     * What a training says of itself.
     *
     * @param data name or path
     * @param reading options that they were read with
     * @param train what it trained on: names of classes and scaling of features go along
     */
    static Map<String, String> of(
            Norm norm, double epsilon, Choices.Method method, String data, Map<String, String> reading, Dataset train) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(NORM, norm.label());
        metadata.put(EPSILON, Double.toString(epsilon));
        metadata.put(METHOD, method.toString());
        metadata.put(DATA, data);
        reading.forEach((name, value) -> metadata.put(READING + name, value));
        if (!train.classNames().isEmpty()) {
            metadata.put(CLASSES, JSON.writeValueAsString(train.classNames()));
        }
        train.scaling().ifPresent(scaling -> metadata.put(SCALING, JSON.writeValueAsString(scaling)));
        return metadata;
    }

    /** The options that the data of the training were read with. */
    static Map<String, String> reading(Map<String, String> metadata) {
        Map<String, String> reading = new LinkedHashMap<>();
        metadata.forEach((name, value) -> {
            if (name.startsWith(READING)) {
                reading.put(name.substring(READING.length()), value);
            }
        });
        return reading;
    }

    /** The options, with the classes and the scaling that the model was trained with. */
    static LoadOptions asTrained(LoadOptions options, Map<String, String> metadata, Path file) {
        LoadOptions all = options;
        String classes = metadata.get(CLASSES);
        if (classes != null) {
            all = all.classNames(List.of(parsed(classes, String[].class, file, CLASSES)));
        }
        String scaling = metadata.get(SCALING);
        return scaling == null ? all : all.scaling(parsed(scaling, Scaling.class, file, SCALING));
    }

    private static <T> T parsed(String text, Class<T> type, Path file, String entry) {
        try {
            return Objects.requireNonNull(JSON.readValue(text, type));
        } catch (JacksonException | NullPointerException e) {
            throw new UsageException(file + ": metadata entry " + entry + " is malformed", e);
        }
    }

    static Optional<String> data(Map<String, String> metadata) {
        return Optional.ofNullable(metadata.get(DATA));
    }

    static Optional<Norm> norm(Map<String, String> metadata, Path file) {
        return Optional.ofNullable(metadata.get(NORM))
                .map(text -> understood(file, NORM, () -> new ChoiceConverter<>(Norm.class).convert(text)));
    }

    static Optional<Double> epsilon(Map<String, String> metadata, Path file) {
        return Optional.ofNullable(metadata.get(EPSILON))
                .map(text -> understood(file, EPSILON, () -> new NumberConverter().convert(text)));
    }

    private static <T> T understood(Path file, String entry, java.util.function.Supplier<T> conversion) {
        try {
            return conversion.get();
        } catch (picocli.CommandLine.TypeConversionException e) {
            throw new UsageException(file + ": metadata entry " + entry + ": " + e.getMessage(), e);
        }
    }
}
