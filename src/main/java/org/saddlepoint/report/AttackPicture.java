package org.saddlepoint.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.saddlepoint.format.AtomicFiles;

/**
 * A picture of an attack: a column an example; from top to bottom the original with the class that the model sees, the
 * perturbation (scaled to the largest one shown; mid-grey is 0), and the adversarial image with its class.
 */
public final class AttackPicture {
    private static final int MOST_COLUMNS = 10;
    /** About as large as an image is drawn, whatever its size. */
    private static final int TILE = 112;

    private static final int GAP = 12;
    private static final int CAPTION = 30;
    private static final Color PAPER = new Color(0xf7f7f5);
    private static final Color INK = new Color(0x2b2b2b);
    private static final Color RIGHT = new Color(0x2a7f3f);
    private static final Color WRONG = new Color(0xc0392b);

    private final int channels;
    private final int height;
    private final int width;
    private final int scale;
    private final List<Column> columns = new ArrayList<>();

    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    private record Column(float[] original, float[] adversarial, int before, int after) {}

    /**
     * An empty picture.
     *
     * @param shape of an example, of which {@link #canDraw} is true
     */
    public AttackPicture(int[] shape) {
        if (!canDraw(shape)) {
            throw new IllegalArgumentException("a picture needs channels x height x width with 1 or 3 channels");
        }
        channels = shape[0];
        height = shape[1];
        width = shape[2];
        scale = Math.max(1, TILE / Math.max(height, width));
    }

    /**
     * Whether examples are images that can be drawn.
     *
     * @param shape of an example
     * @return true for channels x height x width with 1 or 3 channels, no side above 1,024
     */
    public static boolean canDraw(int[] shape) {
        return shape.length == 3 && (shape[0] == 1 || shape[0] == 3) && Math.max(shape[1], shape[2]) <= 1024;
    }

    /**
     * Whether there is no room for another example.
     *
     * @return true from ten on
     */
    public boolean isFull() {
        return columns.size() == MOST_COLUMNS;
    }

    /**
     * Adds an example.
     *
     * @param original values in [0,1]
     * @param adversarial values in [0,1]
     * @param before the class that the model sees in the original
     * @param after the class that it sees in the adversarial image
     */
    public void add(float[] original, float[] adversarial, int before, int after) {
        columns.add(new Column(original, adversarial, before, after));
    }

    /**
     * Writes the picture as PNG, whole or not at all.
     *
     * @param file to write, replacing what is there
     * @throws IOException where it cannot be written
     */
    public void write(Path file) throws IOException {
        BufferedImage image = draw();
        AtomicFiles.write(file, out -> ImageIO.write(image, "png", out));
    }

    BufferedImage draw() {
        int stepX = width * scale + GAP;
        int stepY = height * scale + CAPTION + GAP;
        int left = GAP + PixelText.width("adversarial") + GAP;
        BufferedImage image = new BufferedImage(
                left + Math.max(1, columns.size()) * stepX, GAP + 3 * stepY, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(PAPER);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        String[] rows = {"original", "change", "adversarial"};
        for (int row = 0; row < rows.length; row++) {
            int middle = GAP + row * stepY + (height * scale - PixelText.HEIGHT) / 2;
            PixelText.draw(image, GAP, middle, rows[row], INK.getRGB());
        }
        float largest = largestChange();
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            int x = left + i * stepX;
            drawImage(image, x, GAP, column.original, 1, 0);
            drawImage(image, x, GAP + stepY, change(column), 0.5f / largest, 0.5f);
            drawImage(image, x, GAP + 2 * stepY, column.adversarial, 1, 0);
            caption(image, x, GAP + stepY, String.valueOf(column.before), INK);
            caption(
                    image,
                    x,
                    GAP + 3 * stepY,
                    String.valueOf(column.after),
                    column.after == column.before ? RIGHT : WRONG);
        }
        graphics.dispose();
        return image;
    }

    /** Text centred under an image whose row ends at {@code bottom}. */
    private void caption(BufferedImage image, int x, int bottom, String text, Color color) {
        int indent = (width * scale - PixelText.width(text)) / 2;
        PixelText.draw(
                image, x + indent, bottom - GAP - CAPTION + (CAPTION - PixelText.HEIGHT) / 2, text, color.getRGB());
    }

    private static float[] change(Column column) {
        float[] change = new float[column.original.length];
        for (int i = 0; i < change.length; i++) {
            change[i] = column.adversarial[i] - column.original[i];
        }
        return change;
    }

    private float largestChange() {
        float largest = Float.MIN_NORMAL;
        for (Column column : columns) {
            for (float value : change(column)) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        return largest;
    }

    private void drawImage(BufferedImage image, int left, int top, float[] values, float factor, float summand) {
        for (int y = 0; y < height * scale; y++) {
            for (int x = 0; x < width * scale; x++) {
                int rgb = 0;
                for (int c = 0; c < 3; c++) {
                    int channel = channels == 1 ? 0 : c;
                    float value = values[(channel * height + y / scale) * width + x / scale] * factor + summand;
                    rgb = rgb << 8 | Math.clamp(Math.round(255 * value), 0, 255);
                }
                image.setRGB(left + x, top + y, rgb);
            }
        }
    }
}
