package org.saddlepoint.report;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A small JSON writer: maps, iterables, strings, booleans and numbers, in one line and in the order given. Numbers that
 * JSON cannot express (NaN, infinities) become null.
 */
public final class Json {
    private Json() {}

    /**
     * Writes a value.
     *
     * @param value a map with string keys, an iterable, a string, a boolean, a number, or null
     * @return JSON in one line
     * @throws IllegalArgumentException where a value is of another type
     */
    public static String write(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value);
        return out.toString();
    }

    private static void append(StringBuilder out, @Nullable Object value) {
        switch (value) {
            case null -> out.append("null");
            case Map<?, ?> map -> appendObject(out, map);
            case Iterable<?> items -> appendArray(out, items);
            case Double number -> out.append(Double.isFinite(number) ? number : "null");
            case Float number -> out.append(Float.isFinite(number) ? number : "null");
            case Number number -> out.append(number);
            case Boolean truth -> out.append(truth);
            case CharSequence text -> appendString(out, text);
            default -> throw new IllegalArgumentException("JSON has no " + value.getClass());
        }
    }

    private static void appendObject(StringBuilder out, Map<?, ?> map) {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(separator);
            appendString(out, String.valueOf(entry.getKey()));
            out.append(": ");
            append(out, entry.getValue());
            separator = ", ";
        }
        out.append(map.isEmpty() ? "{}" : "}");
    }

    private static void appendArray(StringBuilder out, Iterable<?> items) {
        out.append('[');
        String separator = "";
        for (Object item : items) {
            out.append(separator);
            append(out, item);
            separator = ", ";
        }
        out.append(']');
    }

    private static void appendString(StringBuilder out, CharSequence text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    // All but ASCII is escaped, so that the text is the same in every locale.
                    if (c < 0x20 || c >= 0x7f) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
