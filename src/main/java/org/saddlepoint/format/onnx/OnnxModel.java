package org.saddlepoint.format.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an ONNX file holds: one graph. Nodes stand in an order in which each reads what is already there.
 *
 * @param opset version of the standard operators
 * @param inputs of the graph, constants not among them
 * @param outputs names of values
 * @param nodes in order
 * @param constants by name: the graph's initialisers
 * @param metadata free text by name
 */
public record OnnxModel(
        int opset,
        List<Input> inputs,
        List<String> outputs,
        List<OnnxNode> nodes,
        Map<String, OnnxTensor> constants,
        Map<String, String> metadata) {
    /** The dimension of an {@link Input} that the file leaves open. */
    public static final long OPEN = -1;

    /**
     * An input of the graph.
     *
     * @param name of its value
     * @param type of its values, such as {@code FLOAT}
     * @param dimensions each at least 0, or {@link #OPEN}
     */
    public record Input(String name, String type, List<Long> dimensions) {
        /** Copies the dimensions. */
        public Input {
            dimensions = List.copyOf(dimensions);
        }
    }

    /** Copies the lists and maps. */
    public OnnxModel {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        nodes = List.copyOf(nodes);
        constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /**
     * Reads a file, and the files of external data beside it that it names.
     *
     * @param file to read
     * @return its graph
     * @throws org.saddlepoint.format.MalformedFileException where it is no ONNX file, or breaks the format
     * @throws IOException where it cannot be read
     */
    public static OnnxModel read(Path file) throws IOException {
        return OnnxReader.read(file);
    }

    /**
     * Writes a file, to a temporary name first. Equal content gives equal bytes.
     *
     * @param file to write, replacing what is there
     * @throws IOException where it cannot be written; what was there is then untouched
     */
    public void write(Path file) throws IOException {
        OnnxWriter.write(this, file);
    }
}
