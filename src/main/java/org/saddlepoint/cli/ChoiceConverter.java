package org.saddlepoint.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.saddlepoint.data.EditDistance;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The constants of an enum as options take them: FGSM_RS is {@code fgsm-rs}. */
final class ChoiceConverter<E extends Enum<E>> implements ITypeConverter<E> {
    private final Class<E> type;

    ChoiceConverter(Class<E> type) {
        this.type = type;
    }

    static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static <E extends Enum<E>> List<String> labels(Class<E> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(ChoiceConverter::label)
                .toList();
    }

    @Override
    public E convert(String text) {
        for (E constant : type.getEnumConstants()) {
            if (label(constant).equals(text)) {
                return constant;
            }
        }
        List<String> labels = labels(type);
        throw new TypeConversionException("'" + text + "' is unknown" + EditDistance.suggestion(text, labels)
                + ": choose one of " + String.join(", ", labels));
    }
}
