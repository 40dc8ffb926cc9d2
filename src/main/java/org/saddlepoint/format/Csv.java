package org.saddlepoint.format;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipException;

/**
 * Rows of text fields as RFC 4180 has them: fields may be quoted, with a quote inside them doubled, and hold separators and
 * line ends then. UTF-8, with or without a byte order mark, plain or gzipped; empty lines are passed over.
 *
 * <p>Memory: one row at a time, of at most {@link #MAX_FIELDS} fields of at most {@link #MAX_FIELD} characters.
 */
public final class Csv {
    /** The most fields of a row. */
    public static final int MAX_FIELDS = 1 << 17;

    /** The most characters of a field. */
    public static final int MAX_FIELD = 1 << 12;

    private static final int MAX_ROW = 1 << 22;

    private Csv() {}

    /** Takes rows. */
    @FunctionalInterface
    public interface RowTaker {
        /**
         * Takes the next row.
         *
         * @param line where it begins, from 1
         * @param fields at least one
         * @throws IOException to end the reading
         */
        void take(long line, List<String> fields) throws IOException;
    }

    /**
     * Reads a file.
     *
     * @param file plain or gzipped
     * @param separator between fields
     * @param taker is given each row in order
     * @throws MalformedFileException where the text is not UTF-8, a quote is not closed, a row is too long, or gzip is broken
     * @throws IOException where the file cannot be read, or the taker throws it
     */
    public static void read(Path file, char separator, RowTaker taker) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            read(in, file.toString(), separator, taker);
        }
    }

    /**
     * Reads a stream to its end.
     *
     * @param in plain or gzipped; not closed
     * @param name how messages call it
     * @param separator between fields
     * @param taker is given each row in order
     * @throws MalformedFileException where the text is not UTF-8, a quote is not closed, a row is too long, or gzip is broken
     * @throws IOException where the stream cannot be read, or the taker throws it
     */
    @SuppressWarnings("resource") // closing the reader would close the caller's stream
    public static void read(InputStream in, String name, char separator, RowTaker taker) throws IOException {
        try {
            Reader text = withoutMark(
                    new BufferedReader(new InputStreamReader(Gzip.plain(in), StandardCharsets.UTF_8.newDecoder())));
            CsvReader<CsvRecord> rows = CsvReader.builder()
                    .fieldSeparator(separator)
                    .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                    .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                    .allowExtraCharsAfterClosingQuote(false)
                    .allowUnclosedQuote(false)
                    .maxBufferSize(MAX_ROW)
                    .build(
                            CsvRecordHandler.of(limits -> limits.maxFields(MAX_FIELDS)
                                    .maxFieldSize(MAX_FIELD)
                                    .maxRecordSize(MAX_ROW)),
                            text);
            for (CsvRecord row : rows) {
                taker.take(row.getStartingLineNumber(), row.getFields());
            }
        } catch (CsvParseException e) {
            throw new MalformedFileException(name + ": " + reason(e), e);
        } catch (UncheckedIOException e) {
            throw io(name, Objects.requireNonNull(e.getCause()));
        } catch (ZipException | EOFException | CharacterCodingException e) {
            throw io(name, e);
        }
    }

    private static Reader withoutMark(BufferedReader reader) throws IOException {
        reader.mark(1);
        if (reader.read() != '\ufeff') {
            reader.reset();
        }
        return reader;
    }

    private static IOException io(String name, IOException e) {
        return switch (e) {
            case CharacterCodingException coding -> new MalformedFileException(name + ": not UTF-8 text", coding);
            case ZipException zip -> new MalformedFileException(name + ": broken gzip: " + zip.getMessage(), zip);
            case EOFException end -> new MalformedFileException(name + ": broken gzip: " + end.getMessage(), end);
            default -> e;
        };
    }

    /** What the parser says, with the cause that has the substance, in one line. */
    private static String reason(CsvParseException e) {
        Throwable cause = e.getCause();
        String message = String.valueOf(e.getMessage());
        String text = cause == null || cause.getMessage() == null ? message : message + ": " + cause.getMessage();
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
