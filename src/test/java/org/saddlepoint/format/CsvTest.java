package org.saddlepoint.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class CsvTest {
    @Test
    void quotesMayHoldAnything() throws IOException {
        assertThat(rows("a,\"b,\"\"c\"\"\",\"d\ne\"\r\n,\"\", f \n")).containsExactly("1:a|b,\"c\"|d\ne", "3:|| f ");
    }

    @Test
    void emptyLinesAMarkAndAMissingLastLineEndChangeNothing() throws IOException {
        assertThat(rows("\ufeffa,b\n\n\n1,2")).containsExactly("1:a|b", "4:1|2");
        assertThat(rows("")).isEmpty();
        List<String> zipped = new ArrayList<>();
        Csv.read(
                new ByteArrayInputStream(IdxBytes.gzip("x;y".getBytes(StandardCharsets.UTF_8))),
                "test",
                ';',
                (line, fields) -> zipped.addAll(fields));
        assertThat(zipped).containsExactly("x", "y");
    }

    @Test
    void malformedTextIsNamedInOneLine() {
        refused("a,\"b\nc,d".getBytes(StandardCharsets.UTF_8), "line 1");
        refused("a,b\n1,\"2\"3\n".getBytes(StandardCharsets.UTF_8), "line 2");
        refused(new byte[] {'a', ',', (byte) 0xff, '\n'}, "not UTF-8 text");
        refused(new byte[] {0x1f, (byte) 0x8b, 8, 0}, "broken gzip");
        refused("x".repeat(Csv.MAX_FIELD + 1).getBytes(StandardCharsets.UTF_8), "line 1");
        refused((",".repeat(Csv.MAX_FIELDS) + "\n").getBytes(StandardCharsets.UTF_8), "line 1");
    }

    @Test
    void theWidestRowIsRead() throws IOException {
        int[] width = new int[1];
        byte[] text = "0.123456789,".repeat(Csv.MAX_FIELDS).getBytes(StandardCharsets.UTF_8);
        Csv.read(
                new ByteArrayInputStream(Arrays.copyOf(text, text.length - 1)),
                "test",
                ',',
                (line, fields) -> width[0] = fields.size());
        assertThat(width[0]).isEqualTo(Csv.MAX_FIELDS);
    }

    @Property(tries = 200)
    void whatIsQuotedComesBack(@ForAll("tables") List<List<String>> table) throws IOException {
        StringBuilder text = new StringBuilder();
        for (List<String> row : table) {
            text.append(row.stream()
                            .map(field -> '"' + field.replace("\"", "\"\"") + '"')
                            .collect(Collectors.joining(",")))
                    .append("\r\n");
        }
        List<List<String>> read = new ArrayList<>();
        Csv.read(
                new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)),
                "test",
                ',',
                (line, fields) -> read.add(fields));
        assertThat(read).isEqualTo(table);
    }

    @Provide
    static Arbitrary<List<List<String>>> tables() {
        return Arbitraries.strings()
                .withChars('a', '"', ',', ';', '\n', '\r', ' ', 'é', '1')
                .ofMaxLength(6)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .list()
                .ofMaxSize(4);
    }

    private static List<String> rows(String text) throws IOException {
        List<String> rows = new ArrayList<>();
        Csv.read(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                "test",
                ',',
                (line, fields) -> rows.add(line + ":" + String.join("|", fields)));
        return rows;
    }

    private static void refused(byte[] text, String message) {
        assertThatThrownBy(() -> Csv.read(new ByteArrayInputStream(text), "test", ',', (line, fields) -> {}))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageStartingWith("test: ")
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }
}
