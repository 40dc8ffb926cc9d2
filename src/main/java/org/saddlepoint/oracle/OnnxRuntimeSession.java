package org.saddlepoint.oracle;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.model.Shape;

/**
 * An ONNX file in ONNX Runtime. It alone knows that library: a class apart, so that {@link OnnxRuntimeOracle} can be loaded
 * where the library is not there, and say so.
 */
final class OnnxRuntimeSession implements AutoCloseable {
    /** Inputs that go through the network together; longer questions are cut. */
    private static final int CHUNK = 256;

    private static final int LONGEST_REASON = 300;

    private final Path file;
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final String inputName;
    private final Shape input;
    /** Inputs that the network takes at once, or 0 where it leaves that open. */
    private final int fixedBatch;

    private final FloatBuffer values;
    private final List<String> notes = new ArrayList<>();
    private final String outputName;
    private final int classes;
    private boolean closed;

    OnnxRuntimeSession(Path file, int threads) throws MalformedFileException {
        this.file = file;
        this.environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
        this.session = session(threads);
        try {
            Map.Entry<String, NodeInfo> only = onlyInput();
            this.inputName = only.getKey();
            long[] shape = shape(only);
            this.input = Shape.of(
                    Arrays.stream(shape).skip(1).mapToInt(Math::toIntExact).toArray());
            this.fixedBatch = (int) Math.max(0, shape[0]);
            int rows = fixedBatch == 0 ? CHUNK : fixedBatch;
            this.values = ByteBuffer.allocateDirect(
                            Math.multiplyExact(Math.multiplyExact(rows, input.size()), Float.BYTES))
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
            OutputChoice choice = chooseOutput();
            this.outputName = choice.name();
            this.classes = choice.classes();
            noteProbabilities();
        } catch (OrtException e) {
            close();
            throw new MalformedFileException(file + ": ONNX Runtime cannot run it: " + reason(e), e);
        } catch (ArithmeticException e) {
            close();
            throw new IllegalArgumentException(file + ": its input is too large", e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private record OutputChoice(String name, int classes) {}

    private OrtSession session(int threads) throws MalformedFileException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setDeterministicCompute(true);
            // Waiting threads would take the cores from the attack's own operations between questions.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            // What fails is thrown as well.
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            return environment.createSession(file.toString(), options);
        } catch (OrtException e) {
            throw new MalformedFileException(file + ": ONNX Runtime cannot load it: " + reason(e), e);
        }
    }

    /** What ONNX Runtime says, in one line without what our own line says already. */
    private String reason(OrtException e) {
        String text = String.valueOf(e.getMessage())
                .lines()
                .findFirst()
                .orElse("")
                .replaceFirst("^Error code - \\w+ - message: ", "")
                .replace("Load model from " + file + " failed:", "")
                .strip();
        return text.length() > LONGEST_REASON ? text.substring(0, LONGEST_REASON) + "..." : text;
    }

    private Map.Entry<String, NodeInfo> onlyInput() throws OrtException {
        Map<String, NodeInfo> inputs = session.getInputInfo();
        if (inputs.size() != 1) {
            throw new IllegalArgumentException(
                    file + " has " + inputs.size() + " inputs, " + inputs.keySet() + ": a black box has one");
        }
        return inputs.entrySet().iterator().next();
    }

    private long[] shape(Map.Entry<String, NodeInfo> only) {
        String name = file + ": its input " + only.getKey();
        if (!(only.getValue().getInfo() instanceof TensorInfo tensor)) {
            throw new IllegalArgumentException(name + " is no tensor: it must be one of float32");
        }
        if (tensor.type != OnnxJavaType.FLOAT) {
            throw new IllegalArgumentException(name + " is a tensor of " + tensor.type + ": it must be of float32");
        }
        long[] shape = tensor.getShape();
        if (shape.length < 2 || Arrays.stream(shape).skip(1).anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException(name + " has the shape " + Arrays.toString(shape)
                    + ": it must be a batch, which may be open (-1), of inputs whose sizes are given");
        }
        return shape;
    }

    /** The first output that can be logits, found by asking: files need not say shapes of outputs. */
    private OutputChoice chooseOutput() throws OrtException {
        int rows = fixedBatch == 0 ? 2 : fixedBatch;
        List<OutputChoice> fit = new ArrayList<>();
        List<String> all = new ArrayList<>();
        fill(new float[0], 0, 0, rows);
        try (OnnxTensor x = tensor(rows);
                OrtSession.Result result = session.run(Map.of(inputName, x))) {
            for (Map.Entry<String, OnnxValue> output : result) {
                if (output.getValue().getInfo() instanceof TensorInfo info) {
                    long[] shape = info.getShape();
                    if (info.type == OnnxJavaType.FLOAT && shape.length == 2 && shape[0] == rows && shape[1] > 1) {
                        fit.add(new OutputChoice(output.getKey(), Math.toIntExact(shape[1])));
                    }
                    all.add(output.getKey() + " of " + info.type + " " + Arrays.toString(shape));
                } else {
                    all.add(output.getKey() + ", no tensor");
                }
            }
        }
        if (fit.isEmpty()) {
            throw new IllegalArgumentException(file + " has no float32 output of [" + rows + ", classes] for " + rows
                    + " inputs; it has " + String.join("; ", all));
        }
        if (fit.size() > 1) {
            notes.add(file + " has several outputs that could be logits: "
                    + fit.getFirst().name() + " is taken, not "
                    + String.join(
                            ", ", fit.stream().skip(1).map(OutputChoice::name).toList()));
        }
        return fit.getFirst();
    }

    private void noteProbabilities() {
        int d = input.size();
        float[] x = new float[4 * d];
        for (int j = 0; j < d; j++) {
            x[d + j] = 1f;
            x[2 * d + j] = 0.5f;
            x[3 * d + j] = (float) j / d;
        }
        float[] told = logits(x, 4);
        boolean probabilities = true;
        for (int i = 0; i < 4; i++) {
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                probabilities &= told[i * classes + c] >= 0;
                sum += told[i * classes + c];
            }
            probabilities &= Math.abs(sum - 1) < 1e-4;
        }
        if (probabilities) {
            notes.add(file + " tells probabilities, as of a softmax at its end: they are taken as logits as they are");
        }
    }

    /**
     * Asks.
     *
     * @param x n x d values
     * @param n inputs
     * @return n x classes
     */
    synchronized float[] logits(float[] x, int n) {
        float[] out = new float[Math.multiplyExact(n, classes)];
        int chunk = fixedBatch == 0 ? CHUNK : fixedBatch;
        for (int from = 0; from < n; from += chunk) {
            int asked = Math.min(chunk, n - from);
            int rows = fixedBatch == 0 ? asked : fixedBatch;
            fill(x, from, asked, rows);
            try (OnnxTensor tensor = tensor(rows);
                    OrtSession.Result result = session.run(Map.of(inputName, tensor), Set.of(outputName))) {
                OnnxTensor told = (OnnxTensor) result.get(0);
                long[] shape = told.getInfo().getShape();
                if (!Arrays.equals(shape, new long[] {rows, classes})) {
                    throw new OracleException(file + " told " + Arrays.toString(shape) + " values for " + rows
                            + " inputs of " + classes + " classes: its shape has changed");
                }
                told.getFloatBuffer().get(out, from * classes, asked * classes);
            } catch (OrtException e) {
                throw new OracleException(file + ": ONNX Runtime failed: " + reason(e));
            }
        }
        return out;
    }

    /** Inputs from one on, and zeros in the place of those that a fixed batch wants beyond them. */
    private void fill(float[] x, int from, int asked, int rows) {
        int d = input.size();
        values.clear().put(x, from * d, asked * d);
        for (int i = asked * d; i < rows * d; i++) {
            values.put(0f);
        }
        values.flip();
    }

    private OnnxTensor tensor(int rows) throws OrtException {
        long[] shape = new long[input.dimensions().size() + 1];
        shape[0] = rows;
        for (int i = 1; i < shape.length; i++) {
            shape[i] = input.dimensions().get(i - 1);
        }
        return OnnxTensor.createTensor(environment, values, shape);
    }

    Shape input() {
        return input;
    }

    int classes() {
        return classes;
    }

    List<String> notes() {
        return List.copyOf(notes);
    }

    Map<String, String> metadata() throws MalformedFileException {
        try {
            return Map.copyOf(session.getMetadata().getCustomMetadata());
        } catch (OrtException e) {
            throw new MalformedFileException(file + ": ONNX Runtime cannot read its metadata: " + reason(e), e);
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            session.close();
        } catch (OrtException e) {
            throw new OracleException(file + ": ONNX Runtime cannot close it: " + reason(e));
        }
    }
}
