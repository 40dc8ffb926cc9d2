package org.saddlepoint.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Named float32 tensors in the safetensors format: eight bytes of little-endian header length, a JSON header, and the
 * tensors' values one after another. The file's metadata also hold {@code sha256}, the digest of all values: it is written
 * always, verified where a file has it, and is no part of {@link #metadata()}.
 *
 * @param tensors in the order of their values in the file; names differ
 * @param metadata free text by name, in the order of the header
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public record Safetensors(List<Tensor> tensors, Map<String, String> metadata) {
    /** The metadata entry that holds the digest of the values. */
    public static final String DIGEST = "sha256";

    /** The header's entry that is no tensor. */
    static final String METADATA = "__metadata__";

    /**
     * One tensor.
     *
     * @param name not empty, at most 1,000 characters, none of them a control character
     * @param shape dimensions, each 0 or more, at most {@value Shapes#MAX_RANK}; none for a scalar
     * @param data the values, row-major; the array itself, not a copy
     * @param integers whether the file has them as integers: they are written as I64, otherwise as F32
     */
    @SuppressWarnings("ArrayRecordComponent") // identity is meant: tensors are carriers, compared by nobody
    public record Tensor(String name, int[] shape, float[] data, boolean integers) {
        /**
         * A tensor of float32 values.
         *
         * @param name not empty, at most 1,000 characters, none of them a control character
         * @param shape dimensions, each 0 or more, at most {@value Shapes#MAX_RANK}; none for a scalar
         * @param data the values, row-major; the array itself, not a copy
         * @throws IllegalArgumentException where the name is not allowed, or the shape does not hold as many values
         */
        public Tensor(String name, int[] shape, float[] data) {
            this(name, shape, data, false);
        }

        /**
         * Checks that the parts fit.
         *
         * @throws IllegalArgumentException where the name is not allowed, or the shape does not hold as many values
         */
        public Tensor {
            if (!isName(name)) {
                throw new IllegalArgumentException("tensor name \"" + Shapes.shown(name)
                        + "\": 1 to 1,000 characters, no control characters, not " + METADATA);
            }
            if (Shapes.elements(shape) != data.length) {
                throw new IllegalArgumentException("tensor " + name + ": shape " + Shapes.text(shape)
                        + " does not hold " + data.length + " values");
            }
        }
    }

    /**
     * Checks that names differ.
     *
     * @throws IllegalArgumentException where two tensors have one name, or the metadata name {@code sha256}
     */
    public Safetensors {
        Set<String> names = new HashSet<>();
        for (Tensor tensor : tensors) {
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException("two tensors are named " + tensor.name());
            }
        }
        if (metadata.containsKey(DIGEST)) {
            throw new IllegalArgumentException("metadata entry " + DIGEST + " is the file's own, choose another name");
        }
        tensors = List.copyOf(tensors);
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /**
     * Reads a file. F32 is taken as it is; F64, F16, BF16 are converted to float32, and I32, I64 where every value is
     * exact in float32 (magnitude at most 2<sup>24</sup>). Memory: the header, plus the values as float32.
     *
     * @param file to read
     * @return its tensors and metadata
     * @throws MalformedFileException where the file breaks the format, holds another type of values, or its digest does
     *     not match
     * @throws IOException where the file cannot be read
     */
    public static Safetensors read(Path file) throws IOException {
        return SafetensorsReader.read(file);
    }

    /**
     * Writes the tensors, as F32 but for integers, with their digest, first to a temporary name and then renamed. Equal content gives equal
     * bytes.
     *
     * @param file to write, replacing what is there
     * @throws IOException where it cannot be written; what was there is then untouched
     */
    public void write(Path file) throws IOException {
        SafetensorsWriter.write(this, file);
    }

    /** Whether a tensor may be called so: printable in one line of a message. */
    static boolean isName(String name) {
        return !name.isEmpty()
                && name.length() <= 1000
                && !name.equals(METADATA)
                && name.chars().noneMatch(Character::isISOControl);
    }
}
