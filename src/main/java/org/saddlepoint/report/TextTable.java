package org.saddlepoint.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table for terminals: columns as wide as their longest cell, the first to the left, the others to the right. */
public final class TextTable {
    private static final String GAP = "   ";

    private final List<List<String>> rows = new ArrayList<>();

    /**
     * A table with a header.
     *
     * @param header one cell a column
     */
    public TextTable(String... header) {
        rows.add(List.of(header));
    }

    /**
     * Adds a row.
     *
     * @param cells as many as the header has
     * @return this table
     */
    public TextTable row(String... cells) {
        if (cells.length != rows.getFirst().size()) {
            throw new IllegalArgumentException(
                    cells.length + " cells in a table of " + rows.getFirst().size() + " columns");
        }
        rows.add(List.of(cells));
        return this;
    }

    /**
     * The table as text.
     *
     * @return header, a rule, and rows, each line ended
     */
    @Override
    public String toString() {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder out = new StringBuilder();
        appendRow(out, rows.getFirst(), widths);
        int width = Arrays.stream(widths).sum() + GAP.length() * (widths.length - 1);
        out.append("-".repeat(width)).append('\n');
        for (List<String> row : rows.subList(1, rows.size())) {
            appendRow(out, row, widths);
        }
        return out.toString();
    }

    private static void appendRow(StringBuilder out, List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - row.get(i).length());
            line.append(i == 0 ? row.get(i) + padding : GAP + padding + row.get(i));
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }
}
