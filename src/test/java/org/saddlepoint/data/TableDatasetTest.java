package org.saddlepoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.format.IdxBytes;
import org.saddlepoint.format.MalformedFileException;

class TableDatasetTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void featuresAreScaledByTheTrainingPartAlone() throws IOException {
        parts("a,b,kind\n0,10,x\n4,30,y\n2,20,x\n", "a,b,kind\n-1,30,y\n1,35,x\n4,10,z\n");
        Split split = Datasets.load(directory.toString());
        Dataset train = split.train();
        Dataset test = split.test();
        assertThat(train.shape()).containsExactly(2);
        assertThat(train.classNames()).containsExactly("x", "y", "z");
        assertThat(train.scaling()).contains(new Scaling(List.of("a", "b"), List.of(0.0, 10.0), List.of(4.0, 30.0)));
        assertThat(test.scaling()).isEqualTo(train.scaling());
        assertThat(examples(train)).containsExactlyInAnyOrder("[0.0, 0.0] x", "[1.0, 1.0] y", "[0.5, 0.5] x");
        assertThat(examples(test)).containsExactlyInAnyOrder("[0.0, 1.0] y", "[0.25, 1.0] x", "[1.0, 0.0] z");
        assertThat(split.notes())
                .contains(directory + ": 2 of 6 values of the test part lie outside the training data's ranges and were"
                        + " clipped to them");
        DatasetsTest.sameAsCheck(directory.toString());
        assertThat(Datasets.kind(directory.toString())).isEqualTo("table");
    }

    @Test
    void oneFileIsPartedBySeed() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            text.append(i).append(',').append(i / 20).append('\n');
        }
        Path file = Files.writeString(directory.resolve("sorted.csv"), text);
        Split split = Datasets.load(file.toString());
        assertThat(split.train().classCounts()).hasSize(3);
        assertThat(split.test().size()).isEqualTo(10);
        assertThat(split.train().size()).isEqualTo(50);
        for (int count : split.test().classCounts()) {
            assertThat(count).isBetween(3, 4);
        }
        // The file is sorted by class; its beginning as it is used must not be one class.
        assertThat(split.train().limit(20).classCounts()).doesNotContain(0);
        assertThat(Datasets.load(file.toString()).test().floats())
                .isEqualTo(split.test().floats());
        Split other =
                Datasets.load(file.toString(), LoadOptions.NONE.splitSeed(2).testShare(0.5));
        assertThat(other.test().size()).isEqualTo(30);
        DatasetsTest.sameAsCheck(file.toString());
        DatasetsTest.sameAsCheck(file.toString(), LoadOptions.NONE.testShare(0.1));
    }

    @Test
    void theLabelsColumnIsFoundByNameAndByNumber() throws IOException {
        Path file = Files.writeString(directory.resolve("t.csv"), "kind,a,b\nu,1,2\nv,3,4\nu,5,6\nv,7,8\n");
        LoadOptions half = LoadOptions.NONE.testShare(0.5);
        for (String column : new String[] {"kind", "1", "-3"}) {
            Dataset train =
                    Datasets.load(file.toString(), half.labelColumn(column)).train();
            assertThat(train.classNames()).containsExactly("u", "v");
            assertThat(train.scaling().orElseThrow().names()).containsExactly("a", "b");
        }
        assertThatThrownBy(() -> Datasets.check(file.toString(), half.labelColumn("kinds")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("label-column is \"kinds\"")
                .hasMessageContaining("(did you mean kind?)")
                .hasMessageContaining("a number in 1..3");
        assertThatThrownBy(() -> Datasets.check(file.toString(), half.labelColumn("4")))
                .hasMessageContaining("has 3 columns");
    }

    @Test
    void theHeaderIsSeenOrSaid() throws IOException {
        Path file = Files.writeString(directory.resolve("t.csv"), "10,20,30\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n");
        LoadOptions half = LoadOptions.NONE.testShare(0.5);
        assertThat(Datasets.check(file.toString(), half).classes()).isEqualTo(3);
        assertThat(Datasets.check(file.toString(), half.header(true)).classes()).isEqualTo(2);
        assertThat(Datasets.load(file.toString(), half.header(true).labelColumn("30"))
                        .train()
                        .scaling()
                        .orElseThrow()
                        .names())
                .containsExactly("10", "20");
        Files.writeString(file, "1,2,kind\n1,2,0\n3,4,1\n5,6,kind\n1,2,0\n3,4,1\n");
        assertThat(Datasets.check(file.toString(), half.labelColumn("3")).classes())
                .isEqualTo(3);
    }

    @Test
    void valuesAreNotTakenForTheNameOfTheLabelsColumn() throws IOException {
        Path file = Files.writeString(directory.resolve("t.csv"), "3,-1,8,a\n1,2,3,b\n3,-1,8,a\n1,2,3,b\n");
        LoadOptions half = LoadOptions.NONE.testShare(0.5);
        assertThat(Datasets.load(file.toString(), half).train().classNames()).containsExactly("a", "b");
        Files.writeString(file, "3,-1,8\n1,2,4\n3,-1,8\n1,2,4\n");
        assertThat(Datasets.load(file.toString(), half.labelColumn("3")).train().classNames())
                .containsExactly("4", "8");
        assertThat(Datasets.load(file.toString(), half).train().classNames()).containsExactly("4", "8");
    }

    @Test
    void whoNamesTheLabelsColumnSaysThatThereIsAHeader() throws IOException {
        Path file = Files.writeString(directory.resolve("t.csv"), "0,1,kind\n1,2,none\n3,4,NA\n1,2,none\n3,4,NA\n");
        Dataset train = Datasets.load(
                        file.toString(), LoadOptions.NONE.testShare(0.5).labelColumn("kind"))
                .train();
        assertThat(train.classNames()).containsExactly("NA", "none");
        assertThat(train.scaling().orElseThrow().names()).containsExactly("0", "1");
    }

    @Test
    void integerLabelsAreSortedAsNumbers() throws IOException {
        parts("0,10\n1,-1\n2,+2\n3,010\n", "5,2\n");
        Split split = Datasets.load(directory.toString());
        assertThat(split.train().classNames()).containsExactly("-1", "2", "10");
        assertThat(split.train().classCounts()).containsExactly(1, 1, 2);
        assertThat(split.test().labels()).containsExactly(1);
    }

    @Test
    void aModelsClassesAndScalingHoldForOtherData() throws IOException {
        parts("a,kind\n5,x\n6,z\n", "a,kind\n10,z\n");
        Scaling scaling = new Scaling(List.of("a"), List.of(0.0), List.of(10.0));
        LoadOptions trained =
                LoadOptions.NONE.classNames(List.of("x", "y", "z")).scaling(scaling);
        Split split = Datasets.load(directory.toString(), trained);
        assertThat(split.test().labels()).containsExactly(2);
        assertThat(split.test().values(0, 1)).containsExactly(1f);
        assertThat(split.train().values(0, 2)).containsExactlyInAnyOrder(0.5f, 0.6f);
        DatasetsTest.sameAsCheck(directory.toString(), trained);
        refused("line 2: label \"x\" is none of the model's classes", LoadOptions.NONE.classNames(List.of("z")));
        refused(
                "the features are a, but those of the model's training were b",
                LoadOptions.NONE.scaling(new Scaling(List.of("b"), List.of(0.0), List.of(1.0))));
        refused(
                "1 features, but those of the model's training were 2",
                LoadOptions.NONE.scaling(new Scaling(List.of(), List.of(0.0, 0.0), List.of(1.0, 1.0))));
    }

    @Test
    void separatorsAndPackedFiles() throws IOException {
        LoadOptions half = LoadOptions.NONE.testShare(0.5);
        Path wine = Files.writeString(directory.resolve("wine.csv"), "1.5;a\n2;b\n3;a\n4;b\n");
        assertThatThrownBy(() -> Datasets.check(wine.toString()))
                .isInstanceOf(MalformedFileException.class)
                .hasMessage(wine + ", line 1: one field, expected features and a label: is the separator ';'?");
        assertThat(Datasets.check(wine.toString(), half.separator(';')).trainSize())
                .isEqualTo(2);
        Path tabs = Files.write(
                directory.resolve("t.tsv.gz"),
                IdxBytes.gzip("1\ta\n2\tb\n3\ta\n4\tb\n".getBytes(StandardCharsets.UTF_8)));
        assertThat(Datasets.check(tabs.toString(), half).features()).isEqualTo(1);
    }

    static Stream<Arguments> malformed() {
        String head = "a,b,kind\n1,2,x\n";
        return Stream.of(
                Arguments.of("", "no rows"),
                Arguments.of("a,b\n", "no rows"),
                Arguments.of(head + "3,,x\n", "line 3: column \"b\" has no value (\"\")"),
                Arguments.of(head + "?,2,x\n", "line 3: column \"a\" has no value (\"?\")"),
                Arguments.of(head + "1,NaN,x\n", "line 3: column \"b\" has no value (\"NaN\")"),
                Arguments.of(head + "1,2,\n", "line 3: label column \"kind\" has no value"),
                Arguments.of(head + "1,2\n", "line 3: 2 fields, but the first line has 3"),
                Arguments.of(head + "1,2,x,4\n", "line 3: 4 fields"),
                Arguments.of(head + "\n\n1,red,x\n", "line 5: column \"b\" is \"red\", no number"),
                Arguments.of(head + "1,1e999,x\n", "is \"1e999\", no number"),
                Arguments.of(head + "1,0x1p3,x\n", "is \"0x1p3\", no number"),
                Arguments.of(head + "1,2f,x\n", "is \"2f\", no number"),
                Arguments.of(head + "1,\"2,x\n", "line 3"),
                Arguments.of("1,red,x\n", "line 1: column 2 is \"red\", no number: if the line holds names"),
                Arguments.of(head, "too few to hold out"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource
    void malformed(String text, String message) throws IOException {
        Path file = Files.writeString(directory.resolve("bad.csv"), text);
        for (boolean load : new boolean[] {true, false}) {
            assertThatThrownBy(() -> {
                        if (load) {
                            Datasets.load(file.toString());
                        } else {
                            Datasets.check(file.toString());
                        }
                    })
                    .isInstanceOf(MalformedFileException.class)
                    .hasMessageStartingWith(file.toString())
                    .hasMessageContaining(message)
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void aMeasuredValueIsNotTakenForALabel() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1200; i++) {
            text.append("1,").append(i + 0.5).append('\n');
        }
        Path file = Files.writeString(directory.resolve("prices.csv"), text);
        assertThatThrownBy(() -> Datasets.check(file.toString()))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("column 2 has 1200 different values");
    }

    @Test
    void partsMustFit() throws IOException {
        parts("a,kind\n1,x\n", "b,kind\n1,x\n");
        refused("the training part has the features a, the test part b", LoadOptions.NONE);
        Files.delete(directory.resolve("test.csv"));
        refused("a train.csv without a test.csv beside it", LoadOptions.NONE);
        assertThatThrownBy(() -> {
                    parts("a,kind\n1,x\n", "a,kind\n1,x\n");
                    Datasets.load(directory.toString(), LoadOptions.NONE.testShare(0.5));
                })
                .hasMessageStartingWith("test-share would change nothing");
    }

    @Property
    void everyScaledValueIsInTheUnitIntervalAndKeepsTheOrder(@ForAll @Size(min = 2, max = 20) double[] raw) {
        double[] values = Arrays.stream(raw).filter(Double::isFinite).toArray();
        if (values.length < 2) {
            return;
        }
        double low = Math.min(values[0], values[1]);
        double high = Math.max(values[0], values[1]);
        Scaling scaling = new Scaling(List.of(), List.of(low), List.of(high));
        Arrays.sort(values);
        float last = 0;
        int clipped = 0;
        for (double value : values) {
            float[] out = {Float.NaN};
            clipped += scaling.apply(new double[] {value}, out, 0);
            assertThat(out[0]).isBetween(last, 1f);
            last = out[0];
        }
        assertThat(clipped).isEqualTo((int) Arrays.stream(values)
                .filter(value -> value < low || value > high)
                .count());
    }

    @Test
    void scalingIsTheFormulaInDouble() {
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            double low = random.nextGaussian();
            double high = low + random.nextDouble() + 1e-3;
            double value = low + random.nextDouble() * (high - low);
            float[] out = new float[1];
            assertThat(new Scaling(List.of(), List.of(low), List.of(high)).apply(new double[] {value}, out, 0))
                    .isZero();
            assertThat(out[0]).isEqualTo((float) ((value - low) / (high - low)));
        }
    }

    @Test
    void aFeatureThatNeverVariedIsZero() throws IOException {
        parts("7,x\n7,y\n", "7,x\n8,x\n6,y\n");
        Split split = Datasets.load(directory.toString());
        assertThat(split.train().floats()).containsExactly(0f, 0f);
        assertThat(split.test().floats()).containsExactlyInAnyOrder(0f, 1f, 0f);
    }

    private void parts(String train, String test) throws IOException {
        Files.writeString(directory.resolve("train.csv"), train);
        Files.writeString(directory.resolve("test.csv"), test);
    }

    private void refused(String message, LoadOptions options) {
        assertThatThrownBy(() -> Datasets.load(directory.toString(), options))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> Datasets.check(directory.toString(), options)).hasMessageContaining(message);
    }

    private static List<String> examples(Dataset data) {
        return Stream.iterate(0, i -> i + 1)
                .limit(data.size())
                .map(i -> Arrays.toString(data.values(i, i + 1)) + " "
                        + data.classNames().get(data.labels()[i]))
                .toList();
    }
}
