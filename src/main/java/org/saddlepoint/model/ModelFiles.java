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

    /** What PyTorch's batch normalisation counts, and its strict loading asks for; nothing here depends on it. */
    private static final String BATCHES = ".num_batches_tracked";

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
        save(new Contents(classifier.model(), classifier.parameters(), metadata), file);
    }

    /**
     * Writes a model: to a temporary name first, then renamed. PyTorch's {@code load_state_dict} takes the tensors as they
     * stand, of a Sequential of the same layers.
     *
     * @param contents model, parameters, and further entries
     * @param file to write, replacing what is there
     * @throws IOException where it cannot be written; what was there is then untouched
     */
    public static void save(Contents contents, Path file) throws IOException {
        Map<String, String> entries = new LinkedHashMap<>(contents.metadata());
        entries.remove(Safetensors.DIGEST); // where another format's file had one
        entries.put(ARCHITECTURE, architecture(contents.model()));
        float[] parameters = contents.parameters();
        List<Safetensors.Tensor> tensors = new ArrayList<>();
        // First, as their values are eight bytes long and are to lie at multiples of that.
        for (TensorSpec statistic : contents.model().statistics()) {
            if (statistic.name().endsWith(".running_var")) {
                String layer = statistic.name().substring(0, statistic.name().lastIndexOf('.'));
                tensors.add(new Safetensors.Tensor(layer + BATCHES, new int[0], new float[1], true));
            }
        }
        int at = 0;
        for (TensorSpec tensor : allTensors(contents.model())) {
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
                    + ARCHITECTURE + "; was it written by saddlepoint? For PyTorch's state dict, say the model");
        }
        return of(model(architecture, file), contents, file);
    }

    /**
     * Reads the tensors of a model that is known, such as PyTorch's state dict of a Sequential of the same layers.
     *
     * @param file to read
     * @param model the architecture
     * @return what it holds
     * @throws MalformedFileException where it is no safetensors file, or has other tensors than the model asks for, or
     *     values that are not finite
     * @throws IOException where it cannot be read
     */
    public static Contents readStateDict(Path file, Model model) throws IOException {
        return of(model, Safetensors.read(file), file);
    }

    private static Contents of(Model model, Safetensors contents, Path file) throws MalformedFileException {
        List<TensorSpec> expected = allTensors(model);
        String shown = shown(model.toString());
        Map<String, Safetensors.Tensor> found = new LinkedHashMap<>();
        long values = 0;
        for (Safetensors.Tensor tensor : contents.tensors()) {
            if (!tensor.name().endsWith(BATCHES)) {
                found.put(tensor.name(), tensor);
                values += tensor.data().length;
            }
        }
        if (found.size() != expected.size()) {
            throw new MalformedFileException(
                    file + " holds " + found.size() + " tensors, but its model " + shown + " has " + expected.size());
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
