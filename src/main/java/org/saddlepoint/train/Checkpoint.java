package org.saddlepoint.train;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.format.Hashing;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.format.Safetensors;
import org.saddlepoint.format.Safetensors.Tensor;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.ModelFiles;

/**
 * The state of a training after a whole epoch: all that is needed to go on to the same bits.
 *
 * @param model the architecture
 * @param optimizer the name of the training's optimizer
 * @param seed of the training
 * @param epoch the last whole one
 * @param step weight updates so far
 * @param parameters all of the model's
 * @param optimizerState the optimizer's arrays, each as long as the parameters
 * @param score of the epoch, or NaN
 * @param bestEpoch the first one of the highest score so far, or 0
 * @param bestScore that score, or -infinity
 * @param bestParameters those that reached it, or null
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record Checkpoint(
        Model model,
        String optimizer,
        long seed,
        int epoch,
        long step,
        float[] parameters,
        float[][] optimizerState,
        double score,
        int bestEpoch,
        double bestScore,
        float @Nullable [] bestParameters) {

    /** The metadata entry that holds the digest of the others and of the tensors' names. */
    private static final String DIGEST = "description_sha256";

    /**
     * Writes it as safetensors with digests of its values and of their description: to a temporary name first, then renamed.
     *
     * @param file to write, replacing what is there
     * @throws IOException where it cannot be written; what was there is then untouched
     */
    public void write(Path file) throws IOException {
        List<Tensor> tensors = new ArrayList<>();
        tensors.add(tensor("parameters", parameters));
        for (int i = 0; i < optimizerState.length; i++) {
            tensors.add(tensor("optimizer." + i, optimizerState[i]));
        }
        if (bestParameters != null) {
            tensors.add(tensor("best", bestParameters));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(ModelFiles.ARCHITECTURE, ModelFiles.architecture(model));
        metadata.put("optimizer", optimizer);
        metadata.put("seed", Long.toString(seed));
        metadata.put("epoch", Integer.toString(epoch));
        metadata.put("step", Long.toString(step));
        metadata.put("score", Double.toString(score));
        metadata.put("best_epoch", Integer.toString(bestEpoch));
        metadata.put("best_score", Double.toString(bestScore));
        metadata.put(DIGEST, digest(tensors, metadata));
        new Safetensors(tensors, metadata).write(file);
    }

    /** Without it, a flipped bit could make another epoch of one. */
    private static String digest(List<Tensor> tensors, Map<String, String> metadata) {
        StringBuilder text = new StringBuilder();
        tensors.forEach(tensor -> text.append(tensor.name()).append('\n'));
        metadata.forEach((name, value) -> {
            if (!name.equals(DIGEST)) {
                text.append(name).append('=').append(value).append('\n');
            }
        });
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(Hashing.sha256().digest(bytes));
    }

    private static Tensor tensor(String name, float[] values) {
        return new Tensor(name, new int[] {values.length}, values);
    }

    /**
     * Reads a checkpoint.
     *
     * @param file as {@link #write} made it
     * @return the checkpoint
     * @throws MalformedFileException where the file is not whole, or no checkpoint
     * @throws IOException where it cannot be read
     */
    public static Checkpoint read(Path file) throws IOException {
        Safetensors contents = Safetensors.read(file);
        Map<String, String> metadata = contents.metadata();
        Map<String, float[]> arrays = new LinkedHashMap<>();
        contents.tensors().forEach(tensor -> arrays.put(tensor.name(), tensor.data()));
        float[] parameters = arrays.get("parameters");
        String architecture = metadata.get(ModelFiles.ARCHITECTURE);
        if (parameters == null || architecture == null) {
            throw new MalformedFileException(file + " is no checkpoint: it holds no parameters or no architecture");
        }
        if (!entry(metadata, DIGEST).equals(digest(contents.tensors(), metadata))) {
            throw new MalformedFileException(file + " is damaged: its description does not match its digest");
        }
        List<float[]> state = new ArrayList<>();
        for (float[] array = arrays.get("optimizer.0"); array != null; ) {
            state.add(array);
            array = arrays.get("optimizer." + state.size());
        }
        try {
            return new Checkpoint(
                    ModelFiles.model(architecture, file),
                    entry(metadata, "optimizer"),
                    Long.parseLong(entry(metadata, "seed")),
                    Integer.parseInt(entry(metadata, "epoch")),
                    Long.parseLong(entry(metadata, "step")),
                    parameters,
                    state.toArray(float[][]::new),
                    Double.parseDouble(entry(metadata, "score")),
                    Integer.parseInt(entry(metadata, "best_epoch")),
                    Double.parseDouble(entry(metadata, "best_score")),
                    arrays.get("best"));
        } catch (NumberFormatException e) {
            throw new MalformedFileException(
                    file + " is no checkpoint: seed, epoch, step, score, best_epoch or best_score is no number", e);
        }
    }

    private static String entry(Map<String, String> metadata, String name) {
        return metadata.getOrDefault(name, "");
    }

    void requireFit(Model expected, Optimizer expectedOptimizer, long expectedSeed) {
        int stateArrays = expectedOptimizer.stateArrays();
        if (!model.equals(expected)) {
            throw new IllegalArgumentException(
                    "the checkpoint holds the model " + model + ", the training asks for " + expected);
        }
        if (!optimizer.equals(expectedOptimizer.name())) {
            throw new IllegalArgumentException(
                    "the checkpoint's optimizer is " + optimizer + ", the training's is " + expectedOptimizer.name());
        }
        if (seed != expectedSeed) {
            throw new IllegalArgumentException(
                    "the checkpoint's seed is " + seed + ", the training's is " + expectedSeed);
        }
        long count = model.parameterCount();
        long values = model.valueCount();
        boolean whole = parameters.length == values && optimizerState.length == stateArrays;
        for (float[] array : optimizerState) {
            whole &= array.length == count;
        }
        if (!whole || epoch < 0 || step < 0 || (bestParameters != null && bestParameters.length != values)) {
            throw new IllegalArgumentException("the checkpoint does not fit the training: " + optimizerState.length
                    + " optimizer arrays where " + stateArrays + " are needed, or arrays of another length than "
                    + count);
        }
    }
}
