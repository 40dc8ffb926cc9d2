package org.saddlepoint.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * The JSON header of a safetensors file, read token by token: no tree is built, so memory stays near the header's own
 * length whatever it holds.
 */
final class SafetensorsHeader {
    /** One tensor's entry; its values are bytes {@code begin} to {@code end} of the data section. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between two files, compared by nobody
    record Entry(String name, SafetensorsType type, int[] shape, long begin, long end) {}

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(4).build())
            .build();

    private final String file;
    private final JsonParser json;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private SafetensorsHeader(String file, JsonParser json) {
        this.file = file;
        this.json = json;
    }

    /** Reads a header and checks each entry by itself and that together they cover the data section once. */
    static SafetensorsHeader parse(String file, byte[] header, long dataLength) throws MalformedFileException {
        if (header.length == 0 || header[0] != '{') {
            throw new MalformedFileException(file + ": not a safetensors file: its header does not begin with '{'");
        }
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), header)) {
            SafetensorsHeader parsed = new SafetensorsHeader(file, json);
            parsed.readAll();
            parsed.checkCover(dataLength);
            return parsed;
        } catch (JacksonException e) {
            throw new MalformedFileException(file + ": safetensors header: " + Shapes.shown(e.getOriginalMessage()), e);
        }
    }

    /** The tensors in the order of their values. */
    List<Entry> entries() {
        return entries;
    }

    /** The metadata as they stand, the digest among them. */
    Map<String, String> metadata() {
        return metadata;
    }

    private void readAll() throws MalformedFileException {
        json.nextToken();
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            expect(JsonToken.START_OBJECT, json.nextToken(), name);
            if (name.equals(Safetensors.METADATA)) {
                readMetadata();
            } else {
                entries.add(readEntry(name));
            }
        }
        expect(JsonToken.END_OBJECT, json.currentToken(), "the header's end");
        if (json.nextToken() != null) {
            throw bad("something follows the header's closing brace");
        }
    }

    private void readMetadata() throws MalformedFileException {
        for (String key = json.nextName(); key != null; key = json.nextName()) {
            expect(JsonToken.VALUE_STRING, json.nextToken(), "metadata " + key);
            metadata.put(key, json.getString());
        }
        expect(JsonToken.END_OBJECT, json.currentToken(), Safetensors.METADATA);
    }

    private Entry readEntry(String name) throws MalformedFileException {
        if (!Safetensors.isName(name)) {
            throw bad("tensor name \"" + Shapes.shown(name) + "\" is empty, too long or has control characters");
        }
        SafetensorsType type = null;
        long[] shape = null;
        long[] offsets = null;
        for (String key = json.nextName(); key != null; key = json.nextName()) {
            switch (key) {
                case "dtype" -> {
                    expect(JsonToken.VALUE_STRING, json.nextToken(), name + ".dtype");
                    type = type(name, json.getString());
                }
                case "shape" -> shape = integers(name + ".shape", Shapes.MAX_RANK);
                case "data_offsets" -> offsets = integers(name + ".data_offsets", 2);
                default -> throw bad("tensor " + Shapes.shown(name) + " has an unknown entry " + Shapes.shown(key));
            }
        }
        expect(JsonToken.END_OBJECT, json.currentToken(), name);
        return checked(name, type, shape, offsets);
    }

    private Entry checked(
            String name, @Nullable SafetensorsType type, long @Nullable [] shape, long @Nullable [] offsets)
            throws MalformedFileException {
        String shown = "tensor " + Shapes.shown(name);
        if (type == null || shape == null || offsets == null || offsets.length != 2) {
            throw bad(shown + " needs a dtype, a shape and two data_offsets");
        }
        if (Arrays.stream(shape).anyMatch(size -> size > Integer.MAX_VALUE)) {
            throw bad(shown + " has an absurd shape " + Arrays.toString(shape));
        }
        int[] sizes = Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
        long elements = Shapes.elements(sizes);
        if (elements < 0) {
            throw bad(shown + " of shape " + Shapes.text(sizes) + " has more than 2147483647 values");
        }
        if (offsets[1] - offsets[0] != elements * type.bytes()) {
            throw bad(shown + " of shape " + Shapes.text(sizes) + " and type " + type + " needs "
                    + elements * type.bytes() + " bytes, its data_offsets " + Arrays.toString(offsets) + " differ");
        }
        return new Entry(name, type, sizes, offsets[0], offsets[1]);
    }

    private SafetensorsType type(String name, String text) throws MalformedFileException {
        for (SafetensorsType type : SafetensorsType.values()) {
            if (type.name().equals(text)) {
                return type;
            }
        }
        throw bad("tensor " + Shapes.shown(name) + " has type " + Shapes.shown(text) + ", can read "
                + Arrays.toString(SafetensorsType.values()));
    }

    /** An array of at most {@code limit} integers, each in 0 .. 2^63 - 1. */
    private long[] integers(String where, int limit) throws MalformedFileException {
        expect(JsonToken.START_ARRAY, json.nextToken(), where);
        long[] values = new long[limit];
        int count = 0;
        while (json.nextToken() == JsonToken.VALUE_NUMBER_INT) {
            if (count == limit) {
                throw bad(Shapes.shown(where) + " has more than " + limit + " numbers");
            }
            values[count] = json.getLongValue();
            if (values[count++] < 0) {
                throw bad(Shapes.shown(where) + " has a negative number");
            }
        }
        expect(JsonToken.END_ARRAY, json.currentToken(), where);
        return Arrays.copyOf(values, count);
    }

    /** No hole, no overlap, nothing left over: the reference's rule, which makes a file's meaning unique. */
    private void checkCover(long dataLength) throws MalformedFileException {
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long reached = 0;
        for (Entry entry : entries) {
            if (entry.begin() != reached) {
                throw bad("tensor " + Shapes.shown(entry.name()) + " begins at byte " + entry.begin()
                        + " of the data, expected " + reached + ": values may not overlap or leave holes");
            }
            reached = entry.end();
        }
        if (reached != dataLength) {
            throw bad("the tensors cover " + reached + " bytes, the file holds " + dataLength);
        }
    }

    private void expect(JsonToken wanted, @Nullable JsonToken found, String where) throws MalformedFileException {
        if (found != wanted) {
            throw bad(Shapes.shown(where) + ": found " + found + ", expected " + wanted);
        }
    }

    private MalformedFileException bad(String what) {
        return new MalformedFileException(file + ": safetensors header: " + what);
    }
}
