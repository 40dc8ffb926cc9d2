package org.saddlepoint.data;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How data in files are read, where files leave it open. An option that says nothing about the kind of data at hand is
 * refused by the load, not ignored. Immutable.
 */
public final class LoadOptions {
    /** Nothing said: the default of each option. */
    public static final LoadOptions NONE = new LoadOptions(new EnumMap<>(Option.class), List.of(), Optional.empty());

    /** The largest side of images. */
    public static final int MAX_IMAGE_SIDE = 4096;

    /** What can be said. */
    enum Option {
        IMAGE_SIZE,
        CHANNELS,
        LABEL_COLUMN,
        HEADER,
        SEPARATOR,
        LABELS,
        TEST_SHARE,
        SPLIT_SEED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final Map<Option, Object> said;
    private final List<String> classNames;
    private final Optional<Scaling> scaling;

    private LoadOptions(Map<Option, Object> said, List<String> classNames, Optional<Scaling> scaling) {
        this.said = said;
        this.classNames = classNames;
        this.scaling = scaling;
    }

    private LoadOptions with(Option option, Object value) {
        Map<Option, Object> more = new EnumMap<>(Option.class);
        more.putAll(said);
        more.put(option, value);
        return new LoadOptions(more, classNames, scaling);
    }

    private <T> T get(Option option, Class<T> type, T otherwise) {
        Object value = said.get(option);
        return value == null ? otherwise : type.cast(value);
    }

    /**
     * The size that images of a folder are scaled to: the largest centred part of that shape (see {@link
     * org.saddlepoint.format.Picture#scaled}). Default: as they are, and then all must have one size.
     *
     * @param height in pixels, 1..{@value #MAX_IMAGE_SIDE}
     * @param width in pixels, 1..{@value #MAX_IMAGE_SIDE}
     * @return options with it
     * @throws IllegalArgumentException where a side is out of range
     */
    public LoadOptions imageSize(int height, int width) {
        if (Math.min(height, width) < 1 || Math.max(height, width) > MAX_IMAGE_SIDE) {
            throw new IllegalArgumentException(
                    "image-size is " + height + "x" + width + ": each side must lie in 1.." + MAX_IMAGE_SIDE);
        }
        return with(Option.IMAGE_SIZE, List.of(height, width));
    }

    /** Height and width, if they were said. */
    Optional<int[]> imageSize() {
        List<?> size = get(Option.IMAGE_SIZE, List.class, List.of());
        return size.isEmpty()
                ? Optional.empty()
                : Optional.of(new int[] {(Integer) size.getFirst(), (Integer) size.getLast()});
    }

    /**
     * The channels that images of a folder are read with, whatever the files have. Default: 3.
     *
     * @param channels 1 (grey) or 3 (RGB)
     * @return options with it
     * @throws IllegalArgumentException where it is another number
     */
    public LoadOptions channels(int channels) {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("channels is " + channels + ": it must be 1 (grey) or 3 (RGB)");
        }
        return with(Option.CHANNELS, channels);
    }

    int channels() {
        return get(Option.CHANNELS, Integer.class, 3);
    }

    /**
     * The column of a table that holds the labels; a name says that there is a header. Default: the last.
     *
     * @param column its name in the header, or its number from 1 (from -1 backwards)
     * @return options with it
     * @throws IllegalArgumentException where it is blank
     */
    public LoadOptions labelColumn(String column) {
        if (column.isBlank()) {
            throw new IllegalArgumentException("label-column is blank: give a name, or a number from 1");
        }
        return with(Option.LABEL_COLUMN, column.strip());
    }

    Optional<String> labelColumn() {
        return Optional.ofNullable((String) said.get(Option.LABEL_COLUMN));
    }

    /**
     * Whether a table's first line holds names. Default: it does if no field of it, the label's apart, is a number.
     *
     * @param header true if it does
     * @return options with it
     */
    public LoadOptions header(boolean header) {
        return with(Option.HEADER, header);
    }

    Optional<Boolean> header() {
        return Optional.ofNullable((Boolean) said.get(Option.HEADER));
    }

    /**
     * What stands between the fields of a table. Default: a tabulator in .tsv files, else a comma.
     *
     * @param separator no quote, no line end
     * @return options with it
     * @throws IllegalArgumentException where it is a quote or a line end
     */
    public LoadOptions separator(char separator) {
        if (separator == '"' || separator == '\n' || separator == '\r' || Character.isLetterOrDigit(separator)) {
            throw new IllegalArgumentException("separator is '" + (separator < ' ' ? '?' : separator)
                    + "': it must be no quote, letter, digit or line end");
        }
        return with(Option.SEPARATOR, separator);
    }

    Optional<Character> separator() {
        return Optional.ofNullable((Character) said.get(Option.SEPARATOR));
    }

    /**
     * CIFAR-100's 20 superclasses as labels. Default: its 100 classes.
     *
     * @param coarse true for the superclasses
     * @return options with it
     */
    public LoadOptions coarseLabels(boolean coarse) {
        return with(Option.LABELS, coarse);
    }

    boolean coarseLabels() {
        return get(Option.LABELS, Boolean.class, false);
    }

    /**
     * The share of a table or an image folder without parts of its own that is held out as the test part, of each class
     * alike. Default: 1/6.
     *
     * @param share above 0 and below 1
     * @return options with it
     * @throws IllegalArgumentException where it is out of range
     */
    public LoadOptions testShare(double share) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("test-share is " + share + ": it must lie between 0 and 1");
        }
        return with(Option.TEST_SHARE, share);
    }

    double testShare() {
        return get(Option.TEST_SHARE, Double.class, 1 / 6.0);
    }

    /**
     * Of the order of a table's or an image folder's examples, and so of which are held out. Default: 1.
     *
     * @param seed any
     * @return options with it
     */
    public LoadOptions splitSeed(long seed) {
        return with(Option.SPLIT_SEED, seed);
    }

    long splitSeed() {
        return get(Option.SPLIT_SEED, Long.class, 1L);
    }

    /**
     * The classes of a table or an image folder in the order of a model's outputs, so that other data get the labels of
     * those that the model was trained on. Default: the classes found, sorted.
     *
     * @param names without doubles; empty for the default
     * @return options with them
     */
    public LoadOptions classNames(List<String> names) {
        return new LoadOptions(said, List.copyOf(names), scaling);
    }

    /** The classes, or none for those found. */
    List<String> classNames() {
        return classNames;
    }

    /**
     * The scaling of a table's features, of the data that a model was trained on. Default: fitted to the training part.
     *
     * @param fitted by an earlier load
     * @return options with it
     */
    public LoadOptions scaling(Scaling fitted) {
        return new LoadOptions(said, classNames, Optional.of(Objects.requireNonNull(fitted)));
    }

    Optional<Scaling> scaling() {
        return scaling;
    }

    /**
     * Refuses options that would change nothing.
     *
     * @param what the data are, such as "photos is a folder of images"
     * @param used options that say something about such data
     */
    void requireOnly(String what, Option... used) {
        Set<Option> unused = new TreeSet<>(said.keySet());
        unused.removeAll(Set.of(used));
        if (!unused.isEmpty()) {
            throw new IllegalArgumentException(unused.iterator().next() + " would change nothing: " + what);
        }
    }
}
