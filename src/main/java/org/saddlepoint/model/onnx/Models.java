package org.saddlepoint.model.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.saddlepoint.format.onnx.OnnxModel;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.ModelFiles;

/**
 * Models in files of any kind that can be read: safetensors, as {@link ModelFiles} writes them, and ONNX.
 *
 * <p>Of ONNX, opsets 7 to 21: networks for inference of one float32 input and one output, of the layers that {@link Model}
 * has, in sequence or in branches that part and meet again. Constants around them are folded, a softmax at the end is left
 * out, images may be channels x height x width or height x width x channels.
 */
public final class Models {
    private Models() {}

    /**
     * Reads a model's file, safetensors or ONNX: its content tells which.
     *
     * @param file to read
     * @return what it holds
     * @throws UnsupportedModelException where it is an ONNX file of a network that cannot be taken over
     * @throws org.saddlepoint.format.MalformedFileException where it is neither, or damaged
     * @throws IOException where it cannot be read
     */
    public static ModelFiles.Contents read(Path file) throws IOException {
        return isOnnx(file) ? readOnnx(file) : ModelFiles.read(file);
    }

    /**
     * Reads an ONNX file.
     *
     * @param file to read; external data are read from its own directory alone
     * @return model, parameters, and the file's metadata
     * @throws UnsupportedModelException where the network cannot be taken over: it names every node that is in the way
     * @throws org.saddlepoint.format.MalformedFileException where it is no ONNX file, or damaged
     * @throws IOException where it cannot be read
     */
    public static ModelFiles.Contents readOnnx(Path file) throws IOException {
        return OnnxImport.of(OnnxModel.read(file), file);
    }

    /**
     * Writes a classifier as ONNX, to a temporary name first: input {@code x} and output {@code logits}, any batch size.
     *
     * @param classifier to write
     * @param metadata text by name
     * @param file to write, replacing what is there
     * @throws IOException where it cannot be written; what was there is then untouched
     */
    public static void writeOnnx(Classifier classifier, Map<String, String> metadata, Path file) throws IOException {
        writeOnnx(new ModelFiles.Contents(classifier.model(), classifier.parameters(), metadata), file);
    }

    /**
     * Writes a model as ONNX, to a temporary name first: input {@code x} and output {@code logits}, any batch size.
     *
     * @param contents model, parameters and metadata
     * @param file to write, replacing what is there
     * @throws IOException where it cannot be written; what was there is then untouched
     */
    public static void writeOnnx(ModelFiles.Contents contents, Path file) throws IOException {
        OnnxExport.of(contents).write(file);
    }

    /**
     * Whether a file is to be read as ONNX: its content tells, and where that leaves it open its name.
     *
     * @param file to look into
     * @return false where it is to be read as safetensors
     * @throws IOException where it cannot be read
     */
    public static boolean isOnnx(Path file) throws IOException {
        // A safetensors file begins with the length of a header, in eight bytes, and that header with a brace.
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(9);
        }
        if (head.length == 9 && head[8] == '{') {
            long length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
            if (length > 0 && length < Files.size(file)) {
                return false;
            }
        }
        // The field of the schema's version, with which ONNX files begin, or a name that says so.
        boolean begins = head.length > 1 && head[0] == 8 && head[1] > 0 && head[1] < 64;
        return begins || file.toString().toLowerCase(java.util.Locale.ROOT).endsWith(".onnx");
    }
}
