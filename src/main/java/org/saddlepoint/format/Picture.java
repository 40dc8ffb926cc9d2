package org.saddlepoint.format;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * An image of unsigned bytes, one plane a channel, each row by row from the top. Read from PNG and JPEG files, told apart by
 * their first bytes; immutable.
 *
 * <p>Samples are taken as they stand in the file: colour profiles, gamma and EXIF's orientation are not applied. Samples of
 * other than 8 bits are rounded to 8; a palette is looked up; what is transparent shows black. Grey to RGB repeats the
 * plane; RGB to grey is ITU-R BT.601's luma, 0.299 R + 0.587 G + 0.114 B.
 *
 * <p>Memory: the sizes that a header claims are checked before anything is allocated for them; at most {@link #MAX_PIXELS}
 * are read.
 */
public final class Picture {
    /** The most pixels of a file: more than any camera's usual picture, 33 million. */
    public static final int MAX_PIXELS = 1 << 25;

    private static final long MAX_FILE = 1L << 28;

    private final int channels;
    private final int height;
    private final int width;
    private final byte[] planes;

    private Picture(int channels, int height, int width, byte[] planes) {
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.planes = planes;
    }

    /**
     * Channels.
     *
     * @return 1 (grey) or 3 (red, green, blue)
     */
    public int channels() {
        return channels;
    }

    /**
     * Rows.
     *
     * @return at least 1
     */
    public int height() {
        return height;
    }

    /**
     * Pixels of a row.
     *
     * @return at least 1
     */
    public int width() {
        return width;
    }

    /**
     * The samples.
     *
     * @return the array itself, channels x height x width, not to be changed
     */
    public byte[] planes() {
        return planes;
    }

    /**
     * Reads the size alone.
     *
     * @param file PNG or JPEG
     * @return height and width
     * @throws MalformedFileException where the file is neither, its header is malformed, or its size is beyond the bound
     * @throws IOException where the file cannot be read
     */
    public static int[] readSize(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return open(in, file.toString(), MAX_PIXELS, (reader, height, width) -> new int[] {height, width});
        }
    }

    /**
     * Reads an image.
     *
     * @param file PNG or JPEG
     * @param channels 1 for grey or 3 for RGB, whatever the file has
     * @return the image
     * @throws MalformedFileException where the file is neither, is damaged, or its size is beyond the bound
     * @throws IOException where the file cannot be read
     */
    public static Picture read(Path file, int channels) throws IOException {
        if (Files.size(file) > MAX_FILE) {
            throw new MalformedFileException(
                    file + ": " + Files.size(file) + " bytes, at most " + MAX_FILE + " can be read as an image");
        }
        return read(Files.readAllBytes(file), file.toString(), channels, MAX_PIXELS);
    }

    /** Reads an image of at most some pixels from a file's content. */
    static Picture read(byte[] content, String name, int channels, int maxPixels) throws IOException {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("channels " + channels + ": 1 (grey) or 3 (RGB)");
        }
        return open(new ByteArrayInputStream(content), name, maxPixels, (reader, height, width) -> {
            BufferedImage image = reader.read(0);
            if (image.getHeight() != height || image.getWidth() != width) {
                throw new IOException("its size changes while it is read");
            }
            return of(image, channels);
        });
    }

    /** What is done with an open reader whose header was found good. */
    private interface Use<T> {
        T of(ImageReader reader, int height, int width) throws IOException;
    }

    private static <T> T open(InputStream in, String name, int maxPixels, Use<T> use) throws IOException {
        // Not ImageIO's choice: its other formats (WBMP among them) take nearly any bytes for theirs.
        ImageInputStream stream = new MemoryCacheImageInputStream(in);
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format(stream, name));
        ImageReader reader = readers.next();
        try {
            reader.setInput(stream, true, true);
            int height = reader.getHeight(0);
            int width = reader.getWidth(0);
            if (height < 1 || width < 1 || (long) height * width > maxPixels) {
                throw new MalformedFileException(name + ": an image of " + height + "x" + width + " pixels, at most "
                        + maxPixels + " can be read");
            }
            return use.of(reader, height, width);
        } catch (MalformedFileException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The JDK's readers answer damaged bytes with exceptions of many kinds; reading from memory has no others.
            throw new MalformedFileException(name + ": damaged image: " + reason(e), e);
        } finally {
            reader.dispose();
        }
    }

    private static String reason(Exception e) {
        Throwable cause = e.getCause() != null && e.getCause().getMessage() != null ? e.getCause() : e;
        String message = cause.getMessage();
        return message == null || message.isBlank() ? cause.getClass().getSimpleName() : Shapes.shown(message);
    }

    private static String format(ImageInputStream stream, String name) throws IOException {
        byte[] start = new byte[4];
        stream.mark();
        int length = Math.max(0, stream.read(start));
        stream.reset();
        if (length == 4 && start[0] == (byte) 0x89 && start[1] == 'P' && start[2] == 'N' && start[3] == 'G') {
            return "png";
        }
        if (length == 4 && start[0] == (byte) 0xff && start[1] == (byte) 0xd8 && start[2] == (byte) 0xff) {
            return "jpeg";
        }
        throw new MalformedFileException(name + ": neither a PNG nor a JPEG image");
    }

    /** The samples of a decoded image; not by getRGB, which changes grey ones to another gamma. */
    private static Picture of(BufferedImage image, int channels) {
        int height = image.getHeight();
        int width = image.getWidth();
        Samples samples = new Samples(image.getColorModel(), image.getRaster());
        byte[] planes = new byte[Math.multiplyExact(channels, height * width)];
        int plane = height * width;
        for (int y = 0; y < height; y++) {
            samples.row(y);
            for (int x = 0; x < width; x++) {
                int at = y * width + x;
                int red = samples.shown(x, 0);
                int green = samples.shown(x, 1);
                int blue = samples.shown(x, 2);
                if (channels == 1) {
                    planes[at] = (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
                } else {
                    planes[at] = (byte) red;
                    planes[plane + at] = (byte) green;
                    planes[2 * plane + at] = (byte) blue;
                }
            }
        }
        return new Picture(channels, height, width, planes);
    }

    /** The samples of one row, as bytes of red, green and blue shown on black. */
    private static final class Samples {
        private final Raster raster;
        private final int bands;
        private final int colours;
        private final boolean alpha;
        private final int largest;
        private final byte[][] palette;
        private int[] row;

        Samples(ColorModel model, Raster raster) {
            this.raster = raster;
            this.bands = raster.getNumBands();
            this.alpha = model.hasAlpha();
            this.colours = model.getNumColorComponents();
            this.largest = (1 << model.getComponentSize(0)) - 1;
            this.row = new int[raster.getWidth() * bands];
            if (model instanceof IndexColorModel indexed) {
                int size = indexed.getMapSize();
                palette = new byte[4][size];
                indexed.getReds(palette[0]);
                indexed.getGreens(palette[1]);
                indexed.getBlues(palette[2]);
                indexed.getAlphas(palette[3]);
            } else {
                palette = new byte[0][];
                if (colours != 1 && colours != 3) {
                    throw new IllegalArgumentException(colours + " colours, grey or RGB can be read");
                }
            }
        }

        void row(int y) {
            row = raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
        }

        /** A colour's byte at x, as it shows on black. */
        int shown(int x, int colour) {
            if (palette.length > 0) {
                int index = row[x * bands];
                return onBlack(palette[colour][index] & 0xff, palette[3][index] & 0xff);
            }
            int value = toByte(row[x * bands + Math.min(colour, colours - 1)]);
            return alpha ? onBlack(value, toByte(row[x * bands + colours])) : value;
        }

        private int toByte(int sample) {
            return largest == 255 ? sample : (sample * 255 + largest / 2) / largest;
        }

        private static int onBlack(int value, int opacity) {
            return (value * opacity + 127) / 255;
        }
    }

    /**
     * The largest centred part of another shape, scaled to a size: the shorter side, as far as the shapes differ, is kept
     * whole. Each output value is a weighted mean of the pixels around its place: a triangle as wide as two of the coarser
     * grid's pixels (bilinear to enlarge, antialiased to reduce). In double, the same on every machine.
     *
     * @param toHeight rows of the result
     * @param toWidth pixels of its rows
     * @return a new image; the same pixels where nothing changes
     */
    public Picture scaled(int toHeight, int toWidth) {
        if (toHeight < 1 || toWidth < 1) {
            throw new IllegalArgumentException("size " + toHeight + "x" + toWidth + ": at least 1x1");
        }
        double partWidth = Math.min(width, (double) height * toWidth / toHeight);
        double partHeight = Math.min(height, (double) width * toHeight / toWidth);
        Weights across = new Weights(width, partWidth, toWidth);
        Weights down = new Weights(height, partHeight, toHeight);
        byte[] out = new byte[Math.multiplyExact(channels, Math.multiplyExact(toHeight, toWidth))];
        double[] rows = new double[Math.multiplyExact(height, toWidth)];
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < toWidth; x++) {
                    double sum = 0;
                    for (int k = 0; k < across.weight[x].length; k++) {
                        sum += across.weight[x][k] * (planes[(c * height + y) * width + across.first[x] + k] & 0xff);
                    }
                    rows[y * toWidth + x] = sum;
                }
            }
            for (int y = 0; y < toHeight; y++) {
                for (int x = 0; x < toWidth; x++) {
                    double sum = 0;
                    for (int k = 0; k < down.weight[y].length; k++) {
                        sum += down.weight[y][k] * rows[(down.first[y] + k) * toWidth + x];
                    }
                    out[(c * toHeight + y) * toWidth + x] = (byte) Math.clamp(Math.round(sum), 0, 255);
                }
            }
        }
        return new Picture(channels, toHeight, toWidth, out);
    }

    /** For each output position along one side the pixels that it is a mean of. */
    private static final class Weights {
        final int[] first;
        final double[][] weight;

        /** The weights for {@code to} positions over the {@code part} in the middle of {@code from} pixels. */
        Weights(int from, double part, int to) {
            first = new int[to];
            weight = new double[to][];
            double step = part / to;
            double reach = Math.max(1, step);
            for (int i = 0; i < to; i++) {
                double centre = (from - part) / 2 + (i + 0.5) * step;
                int low = Math.max(0, (int) Math.floor(centre - reach));
                int high = Math.min(from, (int) Math.ceil(centre + reach));
                first[i] = low;
                weight[i] = new double[high - low];
                for (int k = low; k < high; k++) {
                    weight[i][k - low] = Math.max(0, 1 - Math.abs(k + 0.5 - centre) / reach);
                }
                double sum = Arrays.stream(weight[i]).sum();
                for (int k = 0; k < weight[i].length; k++) {
                    weight[i][k] /= sum;
                }
            }
        }
    }
}
