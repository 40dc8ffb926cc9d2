package org.saddlepoint.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.format.Csv;
import org.saddlepoint.format.MalformedFileException;

/**
 * The rows of a CSV file: finite numbers, and a label each. What is missing or no number is refused with its line.
 *
 * <p>Memory: 8 bytes a value, at most {@link #MAX_VALUES} values.
 */
final class Table {
    /** The most values that are read, labels apart: 1 GiB. */
    static final int MAX_VALUES = 1 << 27;

    /** How tables say that there is no value. */
    private static final Set<String> MISSING = Set.of("", "?", "na", "n/a", "nan", "null", "none");

    /** And their labels: "none" may be a class of its own. */
    private static final Set<String> MISSING_LABEL = Set.of("", "?", "nan");

    private static final String NUMBER = "-?[1-9]\\d{0,8}";

    private final Path file;
    private final LoadOptions options;
    private final List<double[]> rows = new ArrayList<>();
    private final List<String> labels = new ArrayList<>();
    private final Map<String, String> interned = new HashMap<>();
    private List<String> header = List.of();
    private int columns;
    private int labelColumn;

    private Table(Path file, LoadOptions options) {
        this.file = file;
        this.options = options;
    }

    static Table read(Path file, LoadOptions options) throws IOException {
        Table table = new Table(file, options);
        char separator = options.separator().orElse(isTabbed(file) ? '\t' : ',');
        Csv.read(file, separator, table::take);
        if (table.rows.isEmpty()) {
            throw new MalformedFileException(file + ": no rows, expected features and a label in each");
        }
        return table;
    }

    private static boolean isTabbed(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".tsv") || name.endsWith(".tsv.gz");
    }

    /** The features of each row. */
    List<double[]> rows() {
        return rows;
    }

    /** The label of each row; those that are integers without leading zeros and plus signs. */
    List<String> labels() {
        return labels;
    }

    int features() {
        return columns - 1;
    }

    /** The features' names; empty where there is no header. */
    List<String> names() {
        List<String> names = new ArrayList<>(header);
        if (!names.isEmpty()) {
            names.remove(labelColumn);
        }
        return names;
    }

    /** The label's column as messages call it. */
    String labelName() {
        return column(labelColumn);
    }

    private void take(long line, List<String> fields) throws IOException {
        if (columns == 0) {
            begin(line, fields);
            if (!header.isEmpty()) {
                return;
            }
        }
        if (fields.size() != columns) {
            throw bad(line, fields.size() + " fields, but the first line has " + columns);
        }
        if ((long) (rows.size() + 1) * features() > MAX_VALUES) {
            throw new MalformedFileException(file + ": more than " + MAX_VALUES + " values");
        }
        double[] row = new double[features()];
        for (int i = 0; i < columns; i++) {
            if (i != labelColumn) {
                row[i < labelColumn ? i : i - 1] = number(line, i, fields.get(i));
            }
        }
        rows.add(row);
        labels.add(label(line, fields.get(labelColumn)));
    }

    private void begin(long line, List<String> fields) throws MalformedFileException {
        columns = fields.size();
        if (columns < 2) {
            String text = fields.getFirst();
            String hint =
                    text.contains(";") ? ": is the separator ';'?" : text.contains("\t") ? ": is it a tabulator?" : "";
            throw bad(line, "one field, expected features and a label" + hint);
        }
        labelColumn = labelColumn(fields);
        // Who names the label's column says that the line holds names.
        boolean isNamed =
                options.labelColumn().filter(asked -> !asked.matches(NUMBER)).isPresent();
        if (options.header().orElseGet(() -> isNamed || looksLikeNames(fields, labelColumn))) {
            header = fields.stream().map(String::strip).toList();
        }
    }

    private static boolean looksLikeNames(List<String> fields, int labelColumn) {
        for (int i = 0; i < fields.size(); i++) {
            String field = fields.get(i).strip();
            if (i != labelColumn && (number(field) != null || MISSING.contains(field.toLowerCase(Locale.ROOT)))) {
                return false;
            }
        }
        return true;
    }

    /** The last column, or that of a name in the first line, or else of a number; a line of values holds no names. */
    private int labelColumn(List<String> fields) throws MalformedFileException {
        if (options.labelColumn().isEmpty()) {
            return columns - 1;
        }
        String asked = options.labelColumn().get();
        List<String> names = fields.stream().map(String::strip).toList();
        int named = names.indexOf(asked) == names.lastIndexOf(asked) ? names.indexOf(asked) : -1;
        boolean isNumber = asked.matches(NUMBER);
        if (named >= 0 && options.header().orElseGet(() -> !isNumber || looksLikeNames(fields, named))) {
            return named;
        }
        if (isNumber) {
            int number = Integer.parseInt(asked);
            int column = number > 0 ? number - 1 : columns + number;
            if (column >= 0 && column < columns) {
                return column;
            }
        }
        throw new IllegalArgumentException("label-column is \"" + asked + "\": " + file + " has " + columns
                + " columns" + (looksLikeNames(fields, columns - 1) ? EditDistance.suggestion(asked, names) : "")
                + ", give the name of one (it must be there once) or a number in 1.." + columns);
    }

    private double number(long line, int column, String field) throws MalformedFileException {
        String text = field.strip();
        if (MISSING.contains(text.toLowerCase(Locale.ROOT))) {
            throw bad(line, column(column) + " has no value (\"" + text + "\"): fill it, or remove the row");
        }
        Double number = number(text);
        if (number == null) {
            String hint = rows.isEmpty() && header.isEmpty()
                    ? "if the line holds names, say that there is a header"
                    : "expected a finite one; categories need a 0/1 column each";
            throw bad(line, column(column) + " is \"" + shown(text) + "\", no number: " + hint);
        }
        return number;
    }

    /** A finite decimal number, or null; not the other spellings that Java takes, such as "1f" and "0x1p3". */
    private static @Nullable Double number(String text) {
        if (text.isEmpty() || !isDecimal(text)) {
            return null;
        }
        try {
            double value = Double.parseDouble(text);
            return Double.isFinite(value) ? value : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static boolean isDecimal(String text) {
        for (int i = 0; i < text.length(); i++) {
            if ("0123456789+-.eE".indexOf(text.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    private String label(long line, String field) throws MalformedFileException {
        String text = field.strip();
        if (MISSING_LABEL.contains(text.toLowerCase(Locale.ROOT))) {
            throw bad(line, "label " + column(labelColumn) + " has no value (\"" + text + "\")");
        }
        String label = text.matches("[+-]?\\d{1,18}") ? Long.toString(Long.parseLong(text)) : text;
        if (!options.classNames().isEmpty() && !options.classNames().contains(label)) {
            throw bad(line, "label \"" + shown(label) + "\" is none of the model's classes");
        }
        return Objects.requireNonNull(interned.computeIfAbsent(label, same -> same));
    }

    private String column(int column) {
        return header.isEmpty() ? "column " + (column + 1) : "column \"" + shown(header.get(column)) + "\"";
    }

    private static String shown(String text) {
        String head = text.length() <= 40 ? text : text.substring(0, 37) + "...";
        return head.replaceAll("\\p{Cntrl}", "?");
    }

    private MalformedFileException bad(long line, String what) {
        return new MalformedFileException(file + ", line " + line + ": " + what);
    }
}
