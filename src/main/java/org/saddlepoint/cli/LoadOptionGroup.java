package org.saddlepoint.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.data.LoadOptions;
import picocli.CommandLine.Option;

/**
 * How data in files are read, where files leave it open. Kept as text, for so they stand in a model's metadata too, where
 * later commands find how the data of its training were read.
 */
final class LoadOptionGroup {
    @Option(
            names = "--image-size",
            paramLabel = "SIZE",
            description =
                    "Image folders: scale to N x N, or HxW, after cropping to that shape around the centre. Default:"
                            + " as they are, all of one size.")
    private @Nullable String imageSize;

    @Option(
            names = "--channels",
            paramLabel = "N",
            description = "Image folders: 1 (grey) or 3 (RGB), whatever the files have. Default: 3.")
    private @Nullable String channels;

    @Option(
            names = "--label-column",
            paramLabel = "COLUMN",
            description = "Tables: the label's column, by its name or its number from 1. Default: the last.")
    private @Nullable String labelColumn;

    @Option(
            names = "--header",
            paramLabel = "YES|NO",
            description =
                    "Tables: whether the first line holds names. Default: it does if no feature in it is a number.")
    private @Nullable String header;

    @Option(
            names = "--separator",
            paramLabel = "CHAR",
            description =
                    "Tables: what stands between fields, such as ';' or tab. Default: a comma, in .tsv files tab.")
    private @Nullable String separator;

    @Option(
            names = "--labels",
            paramLabel = "FINE|COARSE",
            description = "CIFAR-100: its 100 classes or its 20 superclasses. Default: fine.")
    private @Nullable String labels;

    @Option(
            names = "--test-share",
            paramLabel = "SHARE",
            description =
                    "Tables and image folders without a test part: the share of each class to hold out. Default: 1/6.")
    private @Nullable String testShare;

    @Option(
            names = "--split-seed",
            paramLabel = "N",
            description = "Tables and image folders: of the order of their examples, and so of which are held out."
                    + " Default: 1.")
    private @Nullable String splitSeed;

    /** What was said, by the options' names without dashes. */
    Map<String, String> said() {
        Map<String, String> said = new LinkedHashMap<>();
        put(said, "image-size", imageSize);
        put(said, "channels", channels);
        put(said, "label-column", labelColumn);
        put(said, "header", header);
        put(said, "separator", separator);
        put(said, "labels", labels);
        put(said, "test-share", testShare);
        put(said, "split-seed", splitSeed);
        return said;
    }

    private static void put(Map<String, String> said, String name, @Nullable String value) {
        if (value != null) {
            said.put(name, value);
        }
    }

    LoadOptions options() {
        return options(said());
    }

    /** The options that texts by names say. */
    static LoadOptions options(Map<String, String> said) {
        LoadOptions options = LoadOptions.NONE;
        for (Map.Entry<String, String> one : said.entrySet()) {
            String value = one.getValue().strip();
            try {
                options = switch (one.getKey()) {
                    case "image-size" -> withImageSize(options, value);
                    case "channels" -> options.channels(Integer.parseInt(value));
                    case "label-column" -> options.labelColumn(value);
                    case "header" -> options.header(isFirst(one, "yes", "no"));
                    case "separator" -> options.separator(character(one.getValue()));
                    case "labels" -> options.coarseLabels(isFirst(one, "coarse", "fine"));
                    case "test-share" -> options.testShare(new NumberConverter().convert(value));
                    case "split-seed" -> options.splitSeed(Long.parseLong(value));
                    default -> throw new IllegalArgumentException("unknown");
                };
            } catch (NumberFormatException | picocli.CommandLine.TypeConversionException e) {
                throw new UsageException(
                        "--" + one.getKey() + " is '" + value + "': it must be a " + expected(one.getKey()), e);
            } catch (IllegalArgumentException e) {
                throw new UsageException("--" + e.getMessage(), e);
            }
        }
        return options;
    }

    private static String expected(String name) {
        return switch (name) {
            case "image-size" -> "number of pixels such as 32, or HEIGHTxWIDTH";
            case "test-share" -> "number between 0 and 1, such as 0.2 or 1/5";
            default -> "whole number";
        };
    }

    private static LoadOptions withImageSize(LoadOptions options, String value) {
        List<Integer> sides = new ArrayList<>();
        for (String side : value.split("x", -1)) {
            sides.add(Integer.parseInt(side));
        }
        if (sides.size() > 2) {
            throw new NumberFormatException();
        }
        return options.imageSize(sides.getFirst(), sides.getLast());
    }

    private static boolean isFirst(Map.Entry<String, String> option, String first, String second) {
        String value = option.getValue().strip();
        if (!value.equals(first) && !value.equals(second)) {
            throw new IllegalArgumentException(
                    option.getKey() + " is '" + value + "': it must be " + first + " or " + second);
        }
        return value.equals(first);
    }

    private static char character(String value) {
        if (value.equals("tab") || value.equals("\\t")) {
            return '\t';
        }
        if (value.length() != 1) {
            throw new IllegalArgumentException(
                    "separator is '" + value + "': it must be one character such as ';', or tab");
        }
        return value.charAt(0);
    }
}
