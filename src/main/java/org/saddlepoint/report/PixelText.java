package org.saddlepoint.report;

import java.awt.image.BufferedImage;
import java.util.Map;

/**
 * Small text in pictures, from glyphs of five by seven dots: the machine needs no fonts. Lower-case letters, digits and
 * blanks; what it does not know is a blank.
 */
final class PixelText {
    private static final int DOT = 2;
    private static final int ADVANCE = 6 * DOT;
    /** Of a line, with room for descenders. */
    static final int HEIGHT = 8 * DOT;

    /** Rows from top to bottom, five bits each, the left dot the highest. */
    private static final Map<Character, int[]> GLYPHS = Map.ofEntries(
            Map.entry('0', new int[] {14, 17, 17, 17, 17, 17, 14}),
            Map.entry('1', new int[] {4, 12, 4, 4, 4, 4, 14}),
            Map.entry('2', new int[] {14, 17, 1, 2, 4, 8, 31}),
            Map.entry('3', new int[] {31, 2, 4, 2, 1, 17, 14}),
            Map.entry('4', new int[] {2, 6, 10, 18, 31, 2, 2}),
            Map.entry('5', new int[] {31, 16, 30, 1, 1, 17, 14}),
            Map.entry('6', new int[] {6, 8, 16, 30, 17, 17, 14}),
            Map.entry('7', new int[] {31, 1, 2, 4, 8, 8, 8}),
            Map.entry('8', new int[] {14, 17, 17, 14, 17, 17, 14}),
            Map.entry('9', new int[] {14, 17, 17, 15, 1, 2, 12}),
            Map.entry('a', new int[] {0, 0, 14, 1, 15, 17, 15}),
            Map.entry('c', new int[] {0, 0, 14, 16, 16, 17, 14}),
            Map.entry('d', new int[] {1, 1, 13, 19, 17, 17, 15}),
            Map.entry('e', new int[] {0, 0, 14, 17, 31, 16, 14}),
            Map.entry('g', new int[] {0, 0, 15, 17, 17, 15, 1, 14}),
            Map.entry('h', new int[] {16, 16, 22, 25, 17, 17, 17}),
            Map.entry('i', new int[] {4, 0, 12, 4, 4, 4, 14}),
            Map.entry('l', new int[] {12, 4, 4, 4, 4, 4, 14}),
            Map.entry('n', new int[] {0, 0, 22, 25, 17, 17, 17}),
            Map.entry('o', new int[] {0, 0, 14, 17, 17, 17, 14}),
            Map.entry('r', new int[] {0, 0, 22, 25, 16, 16, 16}),
            Map.entry('s', new int[] {0, 0, 14, 16, 14, 1, 30}),
            Map.entry('v', new int[] {0, 0, 17, 17, 17, 10, 4}));

    private PixelText() {}

    static int width(String text) {
        return text.length() * ADVANCE - DOT;
    }

    static void draw(BufferedImage image, int left, int top, String text, int rgb) {
        for (int i = 0; i < text.length(); i++) {
            int[] rows = GLYPHS.getOrDefault(text.charAt(i), new int[0]);
            for (int y = 0; y < rows.length * DOT; y++) {
                for (int x = 0; x < 5 * DOT; x++) {
                    boolean inked = (rows[y / DOT] >> (4 - x / DOT) & 1) == 1;
                    int at = left + i * ADVANCE + x;
                    if (inked && at >= 0 && at < image.getWidth() && top + y < image.getHeight()) {
                        image.setRGB(at, top + y, rgb);
                    }
                }
            }
        }
    }
}
