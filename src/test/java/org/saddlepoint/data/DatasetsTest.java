package org.saddlepoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.format.Idx;
import org.saddlepoint.format.IdxBytes;
import org.saddlepoint.format.MalformedFileException;

class DatasetsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void theSampleIsMnistsBeginning() throws IOException {
        Split sample = Datasets.load("mnist-sample");
        assertThat(sample.train().size()).isEqualTo(4_000);
        assertThat(sample.test().size()).isEqualTo(1_000);
        assertThat(sample.train().shape()).containsExactly(1, 28, 28);
        assertThat(Arrays.copyOf(sample.train().labels(), 8)).containsExactly(5, 0, 4, 1, 9, 2, 1, 3);
        assertThat(Arrays.copyOf(sample.test().labels(), 8)).containsExactly(7, 2, 1, 0, 4, 1, 4, 9);
        // Real digits: about an eighth of the pixels' range is ink (0.1307 over the whole training set).
        float[] values = sample.train().values(0, 4_000);
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        assertThat(sum / values.length).isBetween(0.128, 0.134);
        sameAsCheck("mnist-sample");
    }

    @Test
    void loadsADirectoryOfPlainAndGzippedFiles() throws IOException {
        write("train-images-idx3-ubyte", 3, 2, 4);
        write("train-labels-idx1-ubyte.gz", 3);
        write("t10k-images-idx3-ubyte.gz", 5, 2, 4);
        write("t10k-labels-idx1-ubyte", 5);
        Split split = Datasets.load(directory.toString());
        assertThat(split.train().labels()).containsExactly(0, 1, 2);
        assertThat(split.test().labels()).containsExactly(0, 1, 2, 3, 4);
        assertThat(split.train().classes()).isEqualTo(5);
        assertThat(split.test().values(4, 5)[7]).isEqualTo(39 / 255f);
        sameAsCheck(directory.toString());
    }

    @Test
    void namesTheMissingFile() throws IOException {
        write("train-images-idx3-ubyte", 3, 2, 4);
        write("train-labels-idx1-ubyte", 3);
        assertThatThrownBy(() -> Datasets.load(directory.toString()))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessage(directory + ": no file t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz");
    }

    @Test
    void imagesAndLabelsMustFit() throws IOException {
        write("train-images-idx3-ubyte", 3, 2, 4);
        write("train-labels-idx1-ubyte", 4);
        write("t10k-images-idx3-ubyte", 5, 2, 4);
        write("t10k-labels-idx1-ubyte", 5);
        refused("3 train images but 4 labels");
        write("train-labels-idx1-ubyte", 3);
        write("t10k-images-idx3-ubyte", 5, 4, 2);
        refused("training images are 2x4, test images 4x2");
        write("t10k-images-idx3-ubyte", 5, 8);
        refused("expected examples x height x width");
        write("train-images-idx3-ubyte", 0, 2, 4);
        write("train-labels-idx1-ubyte", 0);
        refused("none of them 0");
    }

    @Test
    void labelsOfANamedSetMustBeInItsClasses() {
        assertThatThrownBy(() -> IdxFiles.load(
                        "digits",
                        10,
                        name -> name.contains("images")
                                ? idx(name.equals(IdxFiles.TRAIN_IMAGES) ? 11 : 1, 1, 1)
                                : idx(name.equals(IdxFiles.TRAIN_LABELS) ? 11 : 1)))
                .isInstanceOf(MalformedFileException.class)
                .hasMessage("data set digits/train: label 10 of example 10 is outside 0..9");
    }

    @Test
    void anUnknownNameSuggestsTheNearest() {
        assertThatThrownBy(() -> Datasets.load("mnsit"))
                .isInstanceOf(UnknownDatasetException.class)
                .hasMessage("unknown data set \"mnsit\" (did you mean mnist?): expected one of mnist, fashion-mnist, "
                        + "cifar10, cifar100, mnist-sample, or an existing path");
        assertThatThrownBy(() -> Datasets.check("FashionMNIST")).hasMessageContaining("did you mean fashion-mnist?");
        assertThatThrownBy(() -> Datasets.check("imagenet"))
                .isInstanceOf(UnknownDatasetException.class)
                .hasMessageNotContaining("did you mean");
        for (String odd : new String[] {"", "\0", "/no/such/path"}) {
            assertThatThrownBy(() -> Datasets.check(odd)).isInstanceOf(UnknownDatasetException.class);
        }
    }

    @Test
    void aFileThatIsNoDataSetIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("notes.txt"), "hello");
        assertThatThrownBy(() -> Datasets.check(file.toString()))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageStartingWith(file + ": not an npz file");
    }

    @Test
    void namesAreCheckedWithoutAFetch() throws IOException {
        assertThat(Datasets.check("mnist").trainSize()).isEqualTo(60_000);
        assertThat(Datasets.check("fashion-mnist").shape()).containsExactly(1, 28, 28);
        assertThat(Datasets.check("fashion-mnist").features()).isEqualTo(784);
        assertThat(Datasets.names()).containsExactly("mnist", "fashion-mnist", "cifar10", "cifar100", "mnist-sample");
        assertThat(Datasets.check("cifar10").shape()).containsExactly(3, 32, 32);
        assertThat(Datasets.check("cifar100").classes()).isEqualTo(100);
        assertThat(Datasets.check("cifar100", LoadOptions.NONE.coarseLabels(true))
                        .classes())
                .isEqualTo(20);
    }

    @Test
    void fashionMnistComesFromDebiansPackage() throws IOException {
        assumeThat(Path.of("/usr/share/datasets/fashion-mnist"))
                .as("needs Debian's package dataset-fashion-mnist")
                .isDirectory();
        Split split = Datasets.load(
                "fashion-mnist", LoadOptions.NONE, DatasetFetcher.standard().cache(directory));
        assertThat(split.train().size()).isEqualTo(60_000);
        assertThat(split.test().size()).isEqualTo(10_000);
        assertThat(Arrays.copyOf(split.train().labels(), 5)).containsExactly(9, 0, 0, 3, 0);
        assertThat(directory.resolve("fashion-mnist").toFile().list()).hasSize(4);
    }

    @Test
    void anOptionThatChangesNothingIsRefused() throws IOException {
        LoadOptions size = LoadOptions.NONE.imageSize(8, 8);
        Path npz = Files.write(directory.resolve("a.npz"), new byte[] {'P', 'K'});
        for (String data : new String[] {"mnist-sample", "mnist", "cifar10", "cifar100", npz.toString()}) {
            for (var work :
                    new ThrowingCallable[] {() -> Datasets.load(data, size), () -> Datasets.check(data, size)}) {
                assertThatThrownBy(work)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("image-size would change nothing: " + data);
            }
        }
    }

    @Test
    void aDirectoryOfNothingKnownIsNamed() {
        refused("no data set is in this directory");
    }

    private void refused(String message) {
        for (var work : new ThrowingCallable[] {
            () -> Datasets.load(directory.toString()), () -> Datasets.check(directory.toString())
        }) {
            assertThatThrownBy(work)
                    .isInstanceOf(MalformedFileException.class)
                    .hasMessageStartingWith(directory + ": ")
                    .hasMessageContaining(message);
        }
    }

    static void sameAsCheck(String nameOrPath) throws IOException {
        sameAsCheck(nameOrPath, LoadOptions.NONE);
    }

    static void sameAsCheck(String nameOrPath, LoadOptions options) throws IOException {
        DatasetInfo info = Datasets.check(nameOrPath, options);
        Split split = Datasets.load(nameOrPath, options);
        assertThat(info.shape())
                .isEqualTo(split.train().shape())
                .isEqualTo(split.test().shape());
        assertThat(info.classes()).isEqualTo(split.train().classes());
        assertThat(info.trainSize()).isEqualTo(split.train().size());
        assertThat(info.testSize()).isEqualTo(split.test().size());
    }

    private static Idx idx(int... shape) throws IOException {
        return Idx.read(new ByteArrayInputStream(bytes(shape)), "test");
    }

    /** An IDX file of the values 0, 1, 2, ... */
    private void write(String name, int... shape) throws IOException {
        byte[] bytes = bytes(shape);
        Files.write(directory.resolve(name), name.endsWith(".gz") ? IdxBytes.gzip(bytes) : bytes);
    }

    private static byte[] bytes(int... shape) {
        byte[] values = new byte[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) i;
        }
        return IdxBytes.of(shape, values);
    }
}
