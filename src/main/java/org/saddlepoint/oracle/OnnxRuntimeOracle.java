package org.saddlepoint.oracle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Shape;

/**
 * An ONNX file as a black box: ONNX Runtime runs it, whatever its operators are. It has one float32 input of a batch of
 * inputs; its first float32 output of a row of classes for each input is its logits, or its probabilities where it ends in a
 * softmax ({@link #notes} says so). A batch of a fixed size is filled up with inputs that nobody looks at.
 *
 * <p>ONNX Runtime is not brought along: who uses this class adds {@code com.microsoft.onnxruntime:onnxruntime}.
 */
public final class OnnxRuntimeOracle implements AutoCloseable {
    private final Path file;
    private final OnnxRuntimeSession session;
    private final Map<String, String> metadata;

    private OnnxRuntimeOracle(Path file, OnnxRuntimeSession session, Map<String, String> metadata) {
        this.file = file;
        this.session = session;
        this.metadata = metadata;
    }

    /**
     * Opens a file, and asks about a few inputs to see what it tells.
     *
     * @param file an ONNX file
     * @param threads that ONNX Runtime works with, such as those of the {@link Device#threads device}, at least 1; changes no
     *     result
     * @return to be closed by the caller, after the last use of its oracles
     * @throws org.saddlepoint.format.MalformedFileException where ONNX Runtime cannot run it
     * @throws IllegalArgumentException where its inputs or outputs are not those of a classifier
     * @throws OracleException where ONNX Runtime is not there
     * @throws IOException where it cannot be read
     */
    public static OnnxRuntimeOracle open(Path file, int threads) throws IOException {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ": it must be at least 1");
        }
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        try {
            OnnxRuntimeSession session = new OnnxRuntimeSession(file, threads);
            return new OnnxRuntimeOracle(file, session, session.metadata());
        } catch (NoClassDefFoundError e) {
            throw new OracleException("ONNX Runtime is not on the class path, and " + file
                    + " runs in it: add com.microsoft.onnxruntime:onnxruntime (the command line takes the jars of"
                    + " target/lib)");
        } catch (UnsatisfiedLinkError | ExceptionInInitializerError e) {
            throw new OracleException("ONNX Runtime does not start on this machine, and " + file + " runs in it: " + e);
        }
    }

    /**
     * The shape of an input, as the file has it.
     *
     * @return without the batch
     */
    public Shape input() {
        return session.input();
    }

    /**
     * The classes.
     *
     * @return at least 2
     */
    public int classes() {
        return session.classes();
    }

    /**
     * What one should know of how the file is taken.
     *
     * @return one sentence each
     */
    public List<String> notes() {
        return session.notes();
    }

    /**
     * What the file says of itself.
     *
     * @return text by name
     */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * As an oracle of inputs in the file's own order.
     *
     * @param device where attacks keep their state
     * @return tells logits
     */
    public Oracle on(Device device) {
        return Oracle.ofLogits(input(), classes(), device, session::logits);
    }

    /**
     * As an oracle of a data set's inputs: flat, of the file's own shape, or images of channels x height x width where the
     * file has height x width x channels.
     *
     * @param device where attacks keep their state
     * @param data shape of an example
     * @return tells logits
     * @throws IllegalArgumentException where the shapes do not fit
     */
    public Oracle on(Device device, Shape data) {
        List<Integer> from = withoutOnes(data);
        List<Integer> to = withoutOnes(input());
        if (from.equals(to) || (data.size() == input().size() && (from.size() <= 1 || to.size() <= 1))) {
            return Oracle.ofLogits(data, classes(), device, session::logits);
        }
        if (from.size() == 3 && to.equals(List.of(from.get(1), from.get(2), from.get(0)))) {
            int channels = from.get(0);
            int pixels = from.get(1) * from.get(2);
            return Oracle.ofLogits(
                    data, classes(), device, (x, n) -> session.logits(channelsLast(x, n, channels, pixels), n));
        }
        throw new IllegalArgumentException(
                file + " takes inputs of " + input() + ", and examples of " + data + " were given");
    }

    private static List<Integer> withoutOnes(Shape shape) {
        return shape.dimensions().stream().filter(size -> size > 1).toList();
    }

    private static float[] channelsLast(float[] x, int n, int channels, int pixels) {
        float[] turned = new float[x.length];
        for (int i = 0; i < n; i++) {
            int image = i * channels * pixels;
            for (int c = 0; c < channels; c++) {
                for (int p = 0; p < pixels; p++) {
                    turned[image + p * channels + c] = x[image + c * pixels + p];
                }
            }
        }
        return turned;
    }

    @Override
    public String toString() {
        return file + " in ONNX Runtime, of " + input() + " inputs and " + classes() + " classes";
    }

    @Override
    public void close() {
        session.close();
    }
}
