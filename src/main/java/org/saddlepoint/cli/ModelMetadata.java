package org.saddlepoint.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.saddlepoint.threat.Norm;

/** What a model's file says of its training, so that later commands have defaults. */
final class ModelMetadata {
    private static final String NORM = "saddlepoint.norm";
    private static final String EPSILON = "saddlepoint.epsilon";
    private static final String METHOD = "saddlepoint.method";
    private static final String DATA = "saddlepoint.data";

    private ModelMetadata() {}

    static Map<String, String> of(Norm norm, double epsilon, Choices.Method method, String data) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(NORM, norm.label());
        metadata.put(EPSILON, Double.toString(epsilon));
        metadata.put(METHOD, method.toString());
        metadata.put(DATA, data);
        return metadata;
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
