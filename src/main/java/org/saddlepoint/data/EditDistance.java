package org.saddlepoint.data;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Levenshtein's distance, whatever the case: the least number of characters to insert, remove or replace. */
public final class EditDistance {
    private EditDistance() {}

    static int between(String first, String second) {
        String a = first.toLowerCase(Locale.ROOT);
        String b = second.toLowerCase(Locale.ROOT);
        // row[j]: the distance between the part of a seen so far and the first j characters of b.
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    /**
     * What may have been meant, for a message.
     *
     * @param name as it was given
     * @param known the names there are
     * @return {@code " (did you mean X?)"}, or nothing where no name is near enough for a typing error
     */
    public static String suggestion(String name, Collection<String> known) {
        String start = name.toLowerCase(Locale.ROOT);
        List<String> beginnings = known.stream()
                .filter(candidate -> start.length() >= 3 && candidate.startsWith(start))
                .toList();
        if (beginnings.size() == 1) {
            return " (did you mean " + beginnings.getFirst() + "?)";
        }
        return known.stream()
                .min(Comparator.comparingInt(candidate -> between(name, candidate)))
                // Further away it is no typing error.
                .filter(candidate -> between(name, candidate) <= Math.max(2, candidate.length() / 3))
                .map(candidate -> " (did you mean " + candidate + "?)")
                .orElse("");
    }
}
