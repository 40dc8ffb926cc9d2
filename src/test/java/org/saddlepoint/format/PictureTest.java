package org.saddlepoint.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void samplesAreTakenAsTheyStand() throws IOException {
        Picture grey = read(ImageBytes.grey(16, 16, (y, x, band) -> 16 * y + x), 1);
        for (int i = 0; i < 256; i++) {
            assertThat(grey.planes()[i]).isEqualTo((byte) i);
        }
        Picture rgb = read(ImageBytes.rgb(3, 5, (y, x, band) -> 80 * band + 5 * y + x), 3);
        for (int i = 0; i < 45; i++) {
            assertThat(rgb.planes()[i] & 0xff).isEqualTo(80 * (i / 15) + i % 15);
        }
    }

    @Test
    void greyAndRgbBecomeOneAnother() throws IOException {
        byte[] three =
                read(ImageBytes.grey(4, 4, (y, x, band) -> 10 * y + x), 3).planes();
        assertThat(Arrays.copyOf(three, 16)).isEqualTo(Arrays.copyOfRange(three, 16, 32));
        assertThat(Arrays.copyOf(three, 16)).isEqualTo(Arrays.copyOfRange(three, 32, 48));
        int[] rgb = {200, 100, 50};
        // 0.299 x 200 + 0.587 x 100 + 0.114 x 50 = 124.2
        assertThat(read(ImageBytes.rgb(1, 1, (y, x, band) -> rgb[band]), 1).planes())
                .containsExactly(124);
    }

    @Test
    void whatIsTransparentShowsBlack() throws IOException {
        int[] rgba = {200, 100, 50, 128};
        byte[] png =
                ImageBytes.of("png", ImageBytes.image(BufferedImage.TYPE_4BYTE_ABGR, 1, 1, (y, x, band) -> rgba[band]));
        // 200 x 128 / 255 = 100.4, 50.2, 25.1
        assertThat(read(png, 3).planes()).containsExactly(100, 50, 25);
    }

    @Test
    void sixteenBitsAreRoundedAndPalettesLookedUp() throws IOException {
        int[] wide = {0, 128, 129, 65_535, 32_768, 65_406};
        byte[] sixteen =
                ImageBytes.of("png", ImageBytes.image(BufferedImage.TYPE_USHORT_GRAY, 1, 6, (y, x, band) -> wide[x]));
        // k / 257 to the nearest: 0, 0.498, 0.502, 255, 127.5, 254.498
        assertThat(read(sixteen, 1).planes()).containsExactly(0, 0, 1, -1, 128, 254);
        byte[] red = {10, 20};
        byte[] green = {30, 40};
        byte[] blue = {50, 60};
        BufferedImage indexed =
                new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(8, 2, red, green, blue));
        indexed.getRaster().setSample(1, 0, 0, 1);
        assertThat(read(ImageBytes.of("png", indexed), 3).planes()).containsExactly(10, 20, 30, 40, 50, 60);
    }

    @Test
    void jpegIsReadNearlyAsItWas() throws IOException {
        byte[] jpeg = ImageBytes.of(
                "jpeg", ImageBytes.image(BufferedImage.TYPE_3BYTE_BGR, 16, 24, (y, x, band) -> 60 + 60 * band));
        Picture picture = read(jpeg, 3);
        assertThat(new int[] {picture.channels(), picture.height(), picture.width()})
                .containsExactly(3, 16, 24);
        for (int i = 0; i < picture.planes().length; i++) {
            // One colour: what is lost is the rounding of YCbCr.
            assertThat(picture.planes()[i] & 0xff).isCloseTo(60 + 60 * (i / 384), within(3));
        }
    }

    @Test
    void hugeClaimsAreRefusedBeforeMemoryIsAllocated() throws IOException {
        Path file = Files.write(directory.resolve("bomb.png"), claiming(60_000, 60_000));
        long allocated = Allocation.of(() -> assertThatThrownBy(() -> Picture.read(file, 3))
                .isInstanceOf(MalformedFileException.class)
                .hasMessage(file + ": an image of 60000x60000 pixels, at most 33554432 can be read"));
        assertThat(allocated).isLessThan(8 << 20);
        assertThatThrownBy(() -> Picture.readSize(file)).hasMessageContaining("60000x60000");
    }

    @Test
    void textThatInflatesWithoutEndIsNotRead() throws IOException {
        byte[] png = ImageBytes.rgb(2, 2, (y, x, band) -> 50);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        packed.write(new byte[] {'k', 0, 0});
        try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
            out.write(new byte[64 << 20]);
        }
        ByteBuffer bomb = ByteBuffer.allocate(png.length + 12 + packed.size());
        bomb.put(png, 0, 33).putInt(packed.size());
        byte[] chunk = join("zTXt".getBytes(StandardCharsets.US_ASCII), packed.toByteArray());
        CRC32 sum = new CRC32();
        sum.update(chunk);
        bomb.put(chunk).putInt((int) sum.getValue()).put(png, 33, png.length - 33);
        Picture[] read = new Picture[1];
        long allocated = Allocation.of(() -> {
            try {
                read[0] = read(bomb.array(), 3);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(read[0].planes()).containsOnly(50);
        assertThat(allocated).isLessThan(8 << 20);
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Test
    void damagedAndOtherFilesAreNamed() throws IOException {
        byte[] png = ImageBytes.rgb(20, 20, (y, x, band) -> 7 * y * x + band);
        refused(Arrays.copyOf(png, png.length / 2), "damaged image");
        refused(new byte[0], "neither a PNG nor a JPEG image");
        refused("GIF89a".getBytes(StandardCharsets.US_ASCII), "neither a PNG nor a JPEG image");
        refused(new byte[] {(byte) 0xff, (byte) 0xd8, (byte) 0xff, 0}, "damaged image");
    }

    @Property(tries = 60)
    void scalingIsAMeanUnderATriangle(
            @ForAll @IntRange(min = 1, max = 14) int height,
            @ForAll @IntRange(min = 1, max = 14) int width,
            @ForAll @IntRange(min = 1, max = 20) int toHeight,
            @ForAll @IntRange(min = 1, max = 20) int toWidth)
            throws IOException {
        Picture picture = read(ImageBytes.grey(height, width, PictureTest::sample), 1);
        byte[] scaled = picture.scaled(toHeight, toWidth).planes();
        for (int y = 0; y < toHeight; y++) {
            for (int x = 0; x < toWidth; x++) {
                // The sums have other orders: where the mean is next to a half, either rounding is right.
                assertThat((double) (scaled[y * toWidth + x] & 0xff))
                        .isCloseTo(mean(height, width, toHeight, toWidth, y, x), within(0.5 + 1e-9));
            }
        }
    }

    /** One value, in two dimensions at once: weights fall linearly to 0 a step (at least a pixel) from its centre. */
    private static double mean(int height, int width, int toHeight, int toWidth, int y, int x) {
        // The largest part of the target's shape: one of its sides is the picture's.
        double scale = Math.min((double) height / toHeight, (double) width / toWidth);
        double centreY = height / 2.0 + (y + 0.5 - toHeight / 2.0) * scale;
        double centreX = width / 2.0 + (x + 0.5 - toWidth / 2.0) * scale;
        double reach = Math.max(1, scale);
        double sum = 0;
        double total = 0;
        for (int v = 0; v < height; v++) {
            for (int u = 0; u < width; u++) {
                double weight = Math.max(0, 1 - Math.abs(v + 0.5 - centreY) / reach)
                        * Math.max(0, 1 - Math.abs(u + 0.5 - centreX) / reach);
                sum += weight * sample(v, u, 0);
                total += weight;
            }
        }
        return sum / total;
    }

    private static int sample(int y, int x, int band) {
        return (y * 37 + x * 101 + y * x * 13 + band) & 0xff;
    }

    @Test
    void theSameSizeIsTheSameImage() throws IOException {
        Picture picture = read(ImageBytes.rgb(9, 7, PictureTest::sample), 3);
        assertThat(picture.scaled(9, 7).planes()).isEqualTo(picture.planes());
    }

    @Test
    void theLongerSideIsCutAtBothEnds() throws IOException {
        Picture wide = read(ImageBytes.grey(4, 10, (y, x, band) -> 10 * x), 1);
        assertThat(Arrays.copyOf(wide.scaled(4, 4).planes(), 4)).containsExactly(30, 40, 50, 60);
    }

    private Picture read(byte[] content, int channels) throws IOException {
        return Picture.read(content, "test", channels, Picture.MAX_PIXELS);
    }

    private void refused(byte[] content, String message) {
        assertThatThrownBy(() -> read(content, 3))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageStartingWith("test: ")
                .hasMessageContaining(message);
    }

    /** A PNG whose header claims a size, with its checksum right. */
    private static byte[] claiming(int height, int width) throws IOException {
        byte[] png = ImageBytes.rgb(2, 2, (y, x, band) -> 0);
        ByteBuffer.wrap(png).putInt(16, width).putInt(20, height);
        CRC32 sum = new CRC32();
        sum.update(png, 12, 17);
        ByteBuffer.wrap(png).putInt(29, (int) sum.getValue());
        return png;
    }
}
