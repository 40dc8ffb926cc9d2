package org.saddlepoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.format.ImageBytes;
import org.saddlepoint.format.MalformedFileException;

class ImageFolderTest {
    private static final LoadOptions GREY = LoadOptions.NONE.channels(1);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void partsOfTheirOwn() throws IOException {
        grey("train/dog/a.png", 3, 4, 10);
        grey("train/dog/b.PNG", 3, 4, 11);
        grey("train/cat/a.png", 3, 4, 20);
        grey("test/dog/c.png", 3, 4, 30);
        Files.writeString(directory.resolve("train/cat/readme.txt"), "hello");
        Files.writeString(directory.resolve("train/cat/.hidden.png"), "hello");
        Split split = Datasets.load(directory.toString(), GREY);
        assertThat(split.train().shape()).containsExactly(1, 3, 4);
        assertThat(split.train().classNames()).containsExactly("cat", "dog");
        assertThat(examples(split.train())).containsExactlyInAnyOrder("10 dog", "11 dog", "20 cat");
        assertThat(examples(split.test())).containsExactly("30 dog");
        assertThat(split.notes())
                .containsExactly(directory + ": 1 files that are no .png, .jpg or .jpeg were passed over");
        DatasetsTest.sameAsCheck(directory.toString(), GREY);
        DatasetsTest.sameAsCheck(directory.toString());
        assertThat(Datasets.check(directory.toString()).shape()).containsExactly(3, 3, 4);
        assertThat(Datasets.kind(directory.toString())).isEqualTo("image folder");
    }

    @Test
    void aPartIsHeldOutOfEachClassBySeed() throws IOException {
        for (int i = 0; i < 12; i++) {
            grey("a/" + i + ".png", 2, 2, i);
            grey("b/" + i + ".png", 2, 2, 100 + i);
        }
        Split split = Datasets.load(directory.toString(), GREY);
        assertThat(split.train().classCounts()).containsExactly(10, 10);
        assertThat(split.test().classCounts()).containsExactly(2, 2);
        assertThat(Stream.concat(examples(split.train()).stream(), examples(split.test()).stream()))
                .doesNotHaveDuplicates()
                .hasSize(24);
        assertThat(split.train().limit(10).classCounts()).doesNotContain(0);
        Split again = Datasets.load(directory.toString(), GREY);
        assertThat(examples(again.train())).isEqualTo(examples(split.train()));
        Split other = Datasets.load(directory.toString(), GREY.splitSeed(2));
        assertThat(examples(other.test())).isNotEqualTo(examples(split.test()));
        assertThat(Datasets.check(directory.toString(), GREY.testShare(0.5)).testSize())
                .isEqualTo(12);
        DatasetsTest.sameAsCheck(directory.toString(), GREY.testShare(0.3));
    }

    @Test
    void otherSizesNeedOne() throws IOException {
        grey("train/a/1.png", 4, 4, 1);
        grey("train/a/2.png", 5, 9, 2);
        grey("val/a/1.png", 8, 8, 3);
        assertThatThrownBy(() -> Datasets.load(directory.toString()))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("give an image-size")
                .hasMessageNotContaining("\n");
        LoadOptions sized = GREY.imageSize(2, 3);
        Split split = Datasets.load(directory.toString(), sized);
        assertThat(split.train().shape()).containsExactly(1, 2, 3);
        assertThat(examples(split.train())).containsExactlyInAnyOrder("1 a", "2 a");
        DatasetsTest.sameAsCheck(directory.toString(), sized);
    }

    @Test
    void jpegIsReadToo() throws IOException {
        write(
                "a/1.jpg",
                ImageBytes.of("jpeg", ImageBytes.image(BufferedImage.TYPE_BYTE_GRAY, 8, 8, (y, x, band) -> 77)));
        grey("a/2.png", 8, 8, 77);
        Split split = Datasets.load(directory.toString(), GREY.testShare(0.5));
        assertThat(examples(split.train())).containsExactly("77 a");
        assertThat(examples(split.test())).containsExactly("77 a");
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        grey("train/a/1.png", 2, 2, 1);
        Files.createDirectories(directory.resolve("test"));
        refused(GREY, directory.resolve("test") + ": no images, expected CLASS/*.png");
        grey("test/b/1.png", 2, 2, 1);
        refused(GREY, directory.resolve("test/b") + ": a class that is none of a");
        Files.createDirectories(directory.resolve("train/b"));
        refused(GREY, directory.resolve("train/b") + ": no .png, .jpg or .jpeg file, expected images of class b");
        refused(GREY.classNames(List.of("b")), directory.resolve("train/a") + ": a class that is none of b");
    }

    @Test
    void tooFewImagesAreNamed() throws IOException {
        grey("a/1.png", 2, 2, 1);
        grey("b/1.png", 2, 2, 1);
        refused(GREY, directory + ": 2 images are too few to hold out a test part");
    }

    @Test
    void anUnreadableImageIsNamedOnAnyNumberOfCores() throws IOException {
        for (int i = 10; i < 40; i++) {
            grey("train/a/" + i + ".png", 2, 2, i);
        }
        grey("test/a/1.png", 2, 2, 1);
        Path bad = Files.writeString(directory.resolve("train/a/23.png"), "no image");
        assertThatThrownBy(() -> Datasets.load(directory.toString(), GREY))
                .isInstanceOf(MalformedFileException.class)
                .hasMessage(bad + ": neither a PNG nor a JPEG image");
    }

    @Test
    void aDataSetThatCannotBeHeldIsRefusedUnread() throws IOException {
        Files.createDirectories(directory.resolve("a"));
        for (int i = 0; i < 90; i++) {
            Files.writeString(directory.resolve("a/" + i + ".png"), "never read");
        }
        LoadOptions large = LoadOptions.NONE.imageSize(4096, 4096);
        for (ThrowingCallable work : List.<ThrowingCallable>of(
                () -> Datasets.load(directory.toString(), large), () -> Datasets.check(directory.toString(), large))) {
            assertThatThrownBy(work)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("75 images of 3x4096x4096 take")
                    .hasMessageContaining("give a smaller image-size");
        }
    }

    @Test
    void aModelsClassesHoldForOtherImages() throws IOException {
        grey("train/c/1.png", 2, 2, 1);
        grey("test/c/1.png", 2, 2, 1);
        Split split = Datasets.load(directory.toString(), GREY.classNames(List.of("a", "b", "c")));
        assertThat(split.test().labels()).containsExactly(2);
        assertThat(split.test().classes()).isEqualTo(3);
    }

    private void refused(LoadOptions options, String message) {
        for (ThrowingCallable work : List.<ThrowingCallable>of(
                () -> Datasets.load(directory.toString(), options),
                () -> Datasets.check(directory.toString(), options))) {
            assertThatThrownBy(work).isInstanceOf(MalformedFileException.class).hasMessageStartingWith(message);
        }
    }

    private void grey(String name, int height, int width, int value) throws IOException {
        write(name, ImageBytes.grey(height, width, (y, x, band) -> value));
    }

    private void write(String name, byte[] content) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.resolveSibling("."));
        Files.write(file, content);
    }

    /** The first pixel and the class of each example. */
    private static List<String> examples(Dataset data) {
        return Stream.iterate(0, i -> i + 1)
                .limit(data.size())
                .map(i -> Math.round(255 * data.values(i, i + 1)[0]) + " "
                        + data.classNames().get(data.labels()[i]))
                .toList();
    }
}
