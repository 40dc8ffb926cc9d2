package org.saddlepoint.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Numbers as people write radii: {@code 0.031}, {@code 1e-3}, {@code 8/255}. */
final class NumberConverter implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
        int slash = text.indexOf('/');
        try {
            double value =
                    slash < 0 ? number(text) : number(text.substring(0, slash)) / number(text.substring(slash + 1));
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new TypeConversionException("'" + text + "' is not a finite number such as 0.031, 1e-3 or 8/255");
    }

    /** As Double.parseDouble, but without its hexadecimal forms and type suffixes. */
    private static double number(String text) {
        String stripped = text.strip();
        if (!stripped.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?")) {
            throw new NumberFormatException(text);
        }
        return Double.parseDouble(stripped);
    }
}
