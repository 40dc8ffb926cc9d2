package org.saddlepoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.format.IdxBytes;
import org.saddlepoint.format.MalformedFileException;

/** CIFAR's files with a record or two each. */
class CifarFilesTest {
    private static final String INSIDE = "cifar-10-batches-bin/";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void cifar10InItsDirectoryAboveItAndInItsArchive() throws IOException {
        Map<String, byte[]> files = cifar10();
        Path inside = Files.createDirectory(directory.resolve("cifar-10-batches-bin"));
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(inside.resolve(file.getKey()), file.getValue());
        }
        Path archive = Files.write(directory.resolve("c10.tar.gz"), IdxBytes.gzip(tar(INSIDE, files)));
        Path published = Files.createDirectory(directory.resolve("published"));
        Files.copy(archive, published.resolve("cifar-10-binary.tar.gz"));
        for (Path path : new Path[] {inside, directory, archive, published}) {
            Split split = Datasets.load(path.toString());
            assertThat(split.train().shape()).containsExactly(3, 32, 32);
            assertThat(split.train().labels()).containsExactly(1, 2, 3, 4, 5);
            assertThat(split.test().labels()).containsExactly(9);
            assertThat(split.train().classNames()).hasSize(10).startsWith("class 0");
            // Record i's planes are filled with i, 50 + i, 100 + i.
            float[] third = split.train().values(2, 3);
            assertThat(third[0]).isEqualTo(3 / 255f);
            assertThat(third[1024]).isEqualTo(53 / 255f);
            assertThat(third[3071]).isEqualTo(103 / 255f);
            DatasetsTest.sameAsCheck(path.toString());
            assertThat(Datasets.kind(path.toString())).isEqualTo("CIFAR");
        }
    }

    @Test
    void theNamedDataSetIsReadFromItsArchive() throws IOException {
        Files.write(directory.resolve("cifar-10-binary.tar.gz"), IdxBytes.gzip(tar(INSIDE, cifar10())));
        Split split = NamedDataset.CIFAR_10.load(directory, LoadOptions.NONE);
        assertThat(split.train().labels()).containsExactly(1, 2, 3, 4, 5);
        assertThat(split.test().classNames()).hasSize(10);
    }

    @Test
    void cifar100ByFineAndByCoarseLabels() throws IOException {
        Files.write(directory.resolve("train.bin"), join(record(19, 99, 7), record(0, 3, 8)));
        Files.write(directory.resolve("test.bin"), record(4, 50, 9));
        Split fine = Datasets.load(directory.toString());
        assertThat(fine.train().classes()).isEqualTo(100);
        assertThat(fine.train().labels()).containsExactly(99, 3);
        assertThat(fine.train().classNames()).isEmpty();
        assertThat(fine.test().values(0, 1)[0]).isEqualTo(9 / 255f);
        LoadOptions coarse = LoadOptions.NONE.coarseLabels(true);
        assertThat(Datasets.load(directory.toString(), coarse).train().labels()).containsExactly(19, 0);
        Files.writeString(directory.resolve("coarse_label_names.txt"), lines(20));
        Files.writeString(directory.resolve("fine_label_names.txt"), lines(100));
        assertThat(Datasets.load(directory.toString(), coarse).test().classNames())
                .hasSize(20);
        assertThat(Datasets.load(directory.toString()).test().classNames()).hasSize(100);
        DatasetsTest.sameAsCheck(directory.toString());
        DatasetsTest.sameAsCheck(directory.toString(), coarse);
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        write(cifar10());
        Files.delete(directory.resolve("data_batch_4.bin"));
        assertThatThrownBy(() -> Datasets.load(directory.toString()))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessage(directory + ": no file data_batch_4.bin, which CIFAR-10 has");
        assertThatThrownBy(() -> Datasets.check(directory.toString())).isInstanceOf(FileNotFoundException.class);
    }

    @Test
    void wrongSizesAndLabelsAreNamed() throws IOException {
        write(cifar10());
        Files.write(directory.resolve("data_batch_2.bin"), new byte[3072]);
        refused("data_batch_2.bin has 3072 bytes, expected whole records of 3073");
        Files.write(directory.resolve("data_batch_2.bin"), new byte[0]);
        refused("data_batch_2.bin has 0 bytes");
        Files.write(directory.resolve("data_batch_2.bin"), join(record(3, 1), record(10, 1)));
        refused("data_batch_2.bin has label 10 in record 1, expected 0..9");
        Files.write(directory.resolve("data_batch_2.bin"), record(3, 1));
        Files.writeString(directory.resolve("batches.meta.txt"), lines(9));
        refused("batches.meta.txt names 9 classes, expected 10");
        Files.write(directory.resolve("batches.meta.txt"), new byte[70_000]);
        refused("batches.meta.txt has more than 65536 bytes");
    }

    @Test
    void aDamagedArchiveIsNamed() throws IOException {
        byte[] whole = IdxBytes.gzip(tar(INSIDE, cifar10()));
        Path archive = directory.resolve("c.tgz");
        for (byte[] damaged : new byte[][] {
            Arrays.copyOf(whole, whole.length / 2),
            new byte[100],
            "no archive".repeat(99).getBytes(StandardCharsets.UTF_8)
        }) {
            Files.write(archive, damaged);
            assertThatThrownBy(() -> Datasets.load(archive.toString()))
                    .isInstanceOf(MalformedFileException.class)
                    .hasMessageStartingWith(archive + ": ");
        }
        Files.write(archive, IdxBytes.gzip(tar("", Map.of("notes.txt", new byte[3]))));
        assertThatThrownBy(() -> Datasets.check(archive.toString()))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("without data_batch_1.bin or train.bin");
    }

    @Test
    void anEntryThatClaimsTooMuchIsRefusedUnread() throws IOException {
        byte[] tar = tar("", Map.of("train.bin", new byte[0]));
        System.arraycopy("77777777777".getBytes(StandardCharsets.US_ASCII), 0, tar, 124, 11);
        Path archive = Files.write(directory.resolve("big.tar"), tar);
        assertThatThrownBy(() -> Datasets.load(archive.toString()))
                .isInstanceOf(MalformedFileException.class)
                .hasMessage(archive + ": the archive holds more than 1073741824 bytes");
    }

    @Property(tries = 20)
    void anyNumberOfRecordsIsKeptInOrder(@ForAll @IntRange(min = 1, max = 9) int records) throws IOException {
        Path place = Files.createTempDirectory("cifar");
        byte[] train = new byte[0];
        for (int i = 0; i < records; i++) {
            train = join(train, record(0, 10 * i, i));
        }
        Files.write(place.resolve("train.bin"), train);
        Files.write(place.resolve("test.bin"), record(0, 0, 0));
        Split split = Datasets.load(place.toString());
        assertThat(split.train().labels())
                .isEqualTo(IntStream.range(0, records).map(i -> 10 * i).toArray());
        for (int i = 0; i < records; i++) {
            assertThat(split.train().values(i, i + 1)[1023]).isEqualTo(i / 255f);
        }
        for (String name : new String[] {"train.bin", "test.bin"}) {
            Files.delete(place.resolve(name));
        }
        Files.delete(place);
    }

    private void refused(String message) {
        assertThatThrownBy(() -> Datasets.load(directory.toString()))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageStartingWith(directory + ": ")
                .hasMessageContaining(message);
    }

    private void write(Map<String, byte[]> files) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
    }

    private static Map<String, byte[]> cifar10() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("batches.meta.txt", lines(10).getBytes(StandardCharsets.UTF_8));
        for (int i = 1; i <= 5; i++) {
            files.put("data_batch_" + i + ".bin", record(i, i));
        }
        files.put("test_batch.bin", record(9, 6));
        return files;
    }

    /** A record of CIFAR-10; its planes are filled with value, 50 + value, 100 + value. */
    static byte[] record(int label, int value) {
        byte[] record = new byte[1 + Cifar.PIXELS];
        record[0] = (byte) label;
        for (int plane = 0; plane < 3; plane++) {
            Arrays.fill(record, 1 + 1024 * plane, 1 + 1024 * (plane + 1), (byte) (50 * plane + value));
        }
        return record;
    }

    /** A record of CIFAR-100. */
    private static byte[] record(int coarse, int fine, int value) {
        return join(new byte[] {(byte) coarse}, record(fine, value));
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static String lines(int count) {
        return IntStream.range(0, count).mapToObj(i -> "class " + i + "\n").collect(Collectors.joining()) + "\n";
    }

    /** A tar archive of plain files. */
    private static byte[] tar(String prefix, Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            byte[] header = new byte[512];
            byte[] name = (prefix + file.getKey()).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(name, 0, header, 0, name.length);
            byte[] size = String.format("%011o", file.getValue().length).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(size, 0, header, 124, size.length);
            tar.write(header);
            tar.write(file.getValue());
            tar.write(new byte[-file.getValue().length & 511]);
        }
        tar.write(new byte[1024]);
        return tar.toByteArray();
    }
}
