package org.saddlepoint.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.saddlepoint.device.Device;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.format.Safetensors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Classifiers as safetensors files. Tensors are named as PyTorch names those of a Sequential ({@code 0.weight}, out x in);
 * the architecture is JSON in the metadata entry {@value #ARCHITECTURE}.
 */
public final class ModelFiles {
    /** The metadata entry that holds the architecture. */
    public static final String ARCHITECTURE = "saddlepoint.model";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ModelFiles() {}

    /**
     * What a file holds, before any device is involved.
     *
     * @param model the architecture
     * @param parameters all tensors in the order of {@link Model#tensors()}, then of {@link Model#statistics()}
     * @param metadata all entries of the file
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    public record Contents(Model model, float[] parameters, Map<String, String> metadata) {
        /**
         * The classifier on a device.
         *
         * @param device where
         * @return to be closed by the caller
         */
        public Classifier on(Device device) {
            return Classifier.of(model, device, parameters);
        }
    }

    /**
     * Writes a classifier: to a temporary name first, then renamed.
     *
     * @param classifier to write
     * @param metadata further entries, such as the threat model it was trained for
     * @param file to write, replacing what is there
     * @throws IOException where it cannot be written; what was there is then untouched
     */
    public static void save(Classifier classifier, Map<String, String> metadata, Path file) throws IOException {
        Map<String, String> entries = new LinkedHashMap<>(metadata);
        entries.put(ARCHITECTURE, architecture(classifier.model()));
        float[] parameters = classifier.parameters();
        List<Safetensors.Tensor> tensors = new ArrayList<>();
        int at = 0;
        for (TensorSpec tensor : allTensors(classifier.model())) {
            int[] shape = tensor.shape().stream().mapToInt(Integer::intValue).toArray();
            float[] values = Arrays.copyOfRange(parameters, at, at + tensor.size());
            tensors.add(new Safetensors.Tensor(tensor.name(), shape, values));
            at += tensor.size();
        }
        new Safetensors(tensors, entries).write(file);
    }

    /**
     * Reads a classifier's file.
     *
     * @param file to read
     * @return what it holds
     * @throws MalformedFileException where it is no safetensors file, or has no architecture, or other tensors than that
     *     architecture asks for, or values that are not finite
     * @throws IOException where it cannot be read
     */
    public static Contents read(Path file) throws IOException {
        Safetensors contents = Safetensors.read(file);
        String architecture = contents.metadata().get(ARCHITECTURE);
        if (architecture == null) {
            throw new MalformedFileException(file + " does not say its architecture: its metadata have no entry "
                    + ARCHITECTURE + "; was it written by saddlepoint?");
        }
        Model model = model(architecture, file);
        List<TensorSpec> expected = allTensors(model);
        String shown = shown(model.toString());
        if (contents.tensors().size() != expected.size()) {
            throw new MalformedFileException(file + " holds "
                    + contents.tensors().size() + " tensors, but its model " + shown + " has " + expected.size());
        }
        Map<String, Safetensors.Tensor> found = new LinkedHashMap<>();
        long values = 0;
        for (Safetensors.Tensor tensor : contents.tensors()) {
            found.put(tensor.name(), tensor);
            values += tensor.data().length;
        }
        // Before anything of the architecture's size is allocated: the file's claim may be absurd.
        if (values != model.valueCount()) {
            throw new MalformedFileException(file + " holds " + values + " values, but its model " + shown + " has "
                    + model.valueCount() + " parameters");
        }
        float[] parameters = new float[Math.toIntExact(model.valueCount())];
        int at = 0;
        for (TensorSpec spec : expected) {
            Safetensors.Tensor tensor = found.get(spec.name());
            int[] shape = spec.shape().stream().mapToInt(Integer::intValue).toArray();
            if (tensor == null || !Arrays.equals(tensor.shape(), shape)) {
                throw new MalformedFileException(file + ": the model " + shown + " needs a tensor " + spec.name()
                        + " of shape " + spec.shape() + ", the file has "
                        + (tensor == null ? "none of that name" : "shape " + Arrays.toString(tensor.shape())));
            }
            for (float value : tensor.data()) {
                if (!Float.isFinite(value)) {
                    throw new MalformedFileException(file + ": tensor " + spec.name() + " holds the value " + value);
                }
                parameters[at++] = value;
            }
        }
        return new Contents(model, parameters, contents.metadata());
    }

    private static List<TensorSpec> allTensors(Model model) {
        List<TensorSpec> all = new ArrayList<>(model.tensors());
        all.addAll(model.statistics());
        return all;
    }

    /**
     * A model as text.
     *
     * @param model the architecture
     * @return JSON in one line
     */
    public static String architecture(Model model) {
        return JSON.writeValueAsString(model);
    }

    /**
     * A model from text.
     *
     * @param architecture JSON, as {@link #architecture} writes it
     * @param file for messages
     * @return the model
     * @throws MalformedFileException where the text describes none
     */
    public static Model model(String architecture, Path file) throws MalformedFileException {
        try {
            Model model = JSON.readValue(architecture, Model.class);
            if (model == null) {
                throw new MalformedFileException(file + ": its architecture is null");
            }
            return model;
        } catch (JacksonException | ArithmeticException | NullPointerException e) {
            String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new MalformedFileException(file + ": its architecture cannot be understood: " + shown(message), e);
        }
    }

    /** Text that a file can make as long as it likes, as messages show it. */
    private static String shown(String text) {
        String head = text.length() <= 300 ? text : text.substring(0, 297) + "...";
        return head.replaceAll("\\p{Cntrl}", "?");
    }
}
