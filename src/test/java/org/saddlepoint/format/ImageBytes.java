package org.saddlepoint.format;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** Makes small image files for tests. */
public final class ImageBytes {
    private ImageBytes() {}

    /** A pixel's samples. */
    public interface Pixels {
        int at(int y, int x, int band);
    }

    /** An image of a {@link BufferedImage} type whose raster holds these samples. */
    public static BufferedImage image(int type, int height, int width, Pixels pixels) {
        BufferedImage image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int band = 0; band < image.getRaster().getNumBands(); band++) {
                    image.getRaster().setSample(x, y, band, pixels.at(y, x, band));
                }
            }
        }
        return image;
    }

    /** A file of a format, "png" or "jpeg". */
    public static byte[] of(String format, BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (!ImageIO.write(image, format, out)) {
            throw new IOException("no writer for " + format);
        }
        return out.toByteArray();
    }

    /** A PNG of RGB samples. */
    public static byte[] rgb(int height, int width, Pixels pixels) throws IOException {
        return of("png", image(BufferedImage.TYPE_3BYTE_BGR, height, width, pixels));
    }

    /** A PNG of grey samples. */
    public static byte[] grey(int height, int width, Pixels pixels) throws IOException {
        return of("png", image(BufferedImage.TYPE_BYTE_GRAY, height, width, pixels));
    }
}
