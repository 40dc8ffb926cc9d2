package org.saddlepoint.evaluate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.format.Hashing;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.format.Safetensors;
import org.saddlepoint.format.Safetensors.Tensor;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.ModelFiles;
import org.saddlepoint.model.Victim;

/**
 * What the finished attacks of an evaluation left standing, in a file: a run that was killed goes on behind the last attack
 * that it finished. The file names all that the verdicts depend on by one digest, and serves no other evaluation.
 */
final class EvaluationState {
    private static final String EVALUATION = "evaluation";

    /** Questions by which an oracle is known again. */
    private static final int ANSWERS = 100;

    private final Path file;
    private final String evaluation;
    private final List<Finished> finished;

    /** An attack that has run: what stood after it, how long it took, how many examples met a zero gradient, its queries. */
    record Finished(BitSet standing, double seconds, int zeroGradients, Robustness.@Nullable Queries queries) {}

    private EvaluationState(Path file, String evaluation, List<Finished> finished) {
        this.file = file;
        this.evaluation = evaluation;
        this.finished = finished;
    }

    /** Reads what is there; a file that is not there yet is an evaluation not begun. */
    static EvaluationState open(Path file, String evaluation, int examples) throws IOException {
        List<Finished> finished = new ArrayList<>();
        if (Files.exists(file)) {
            Safetensors contents = Safetensors.read(file);
            Map<String, String> metadata = contents.metadata();
            if (!evaluation.equals(metadata.get(EVALUATION))) {
                throw new MalformedFileException(
                        file + " is the state of another evaluation: the model, the data, the seed,"
                                + " the device or the attacks differ; give another file, or remove it");
            }
            for (Tensor tensor : contents.tensors()) {
                finished.add(read(file, tensor, metadata, finished.size(), examples));
            }
            if (!digest(finished).equals(metadata.get(Safetensors.DIGEST + "." + EVALUATION))) {
                throw new MalformedFileException(file + " is damaged: its values do not match its digest");
            }
        }
        return new EvaluationState(file, evaluation, finished);
    }

    private static Finished read(Path file, Tensor tensor, Map<String, String> metadata, int number, int examples)
            throws MalformedFileException {
        if (tensor.data().length != examples) {
            throw new MalformedFileException(file + " is no state of this evaluation: it tells of "
                    + tensor.data().length + " examples, the data have " + examples);
        }
        BitSet standing = new BitSet(examples);
        for (int i = 0; i < examples; i++) {
            standing.set(i, tensor.data()[i] != 0);
        }
        String mean = metadata.get("queries_mean." + number);
        try {
            return new Finished(
                    standing,
                    Double.parseDouble(metadata.getOrDefault("seconds." + number, "")),
                    Integer.parseInt(metadata.getOrDefault("zero_gradients." + number, "")),
                    mean == null
                            ? null
                            : new Robustness.Queries(
                                    Double.parseDouble(mean),
                                    Double.parseDouble(metadata.getOrDefault("queries_median." + number, ""))));
        } catch (NumberFormatException e) {
            throw new MalformedFileException(file + " is no state of an evaluation: a figure is no number", e);
        }
    }

    /** How many attacks have been run. */
    int count() {
        return finished.size();
    }

    Finished get(int attack) {
        return finished.get(attack);
    }

    /** Adds an attack and writes the file anew, whole or not at all. */
    void add(Finished attack, int examples) throws IOException {
        finished.add(attack);
        List<Tensor> tensors = new ArrayList<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(EVALUATION, evaluation);
        for (int i = 0; i < finished.size(); i++) {
            float[] standing = new float[examples];
            finished.get(i).standing().stream().forEach(example -> standing[example] = 1);
            // Numbered in their order, which tensors of a file keep.
            tensors.add(new Tensor("standing.%04d".formatted(i), new int[] {examples}, standing));
            metadata.put("seconds." + i, Double.toString(finished.get(i).seconds()));
            metadata.put("zero_gradients." + i, Integer.toString(finished.get(i).zeroGradients()));
            Robustness.Queries queries = finished.get(i).queries();
            if (queries != null) {
                metadata.put("queries_mean." + i, Double.toString(queries.mean()));
                metadata.put("queries_median." + i, Double.toString(queries.median()));
            }
        }
        metadata.put(Safetensors.DIGEST + "." + EVALUATION, digest(finished));
        new Safetensors(tensors, metadata).write(file);
    }

    private static String digest(List<Finished> finished) {
        MessageDigest digest = Hashing.sha256();
        digest.update(finished.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A digest of all that the verdicts of an evaluation depend on. */
    static String evaluation(Victim victim, Dataset data, List<Attack> attacks, List<Long> settings) {
        MessageDigest digest = Hashing.sha256();
        StringBuilder text = new StringBuilder()
                .append(victim instanceof Classifier known ? ModelFiles.architecture(known.model()) : victim.toString())
                .append('\n')
                .append(victim.device().name())
                .append('\n')
                .append(victim.device().properties())
                .append('\n')
                .append(settings)
                .append('\n');
        attacks.forEach(attack -> text.append(attack).append('\n'));
        digest.update(text.toString().getBytes(StandardCharsets.UTF_8));
        if (victim instanceof Classifier known) {
            update(digest, known.parameters());
        } else {
            // What an oracle holds is not known: it is known by its answers.
            update(digest, victim.logits(data.values(0, Math.min(ANSWERS, data.size()))));
        }
        for (int i = 0; i < data.size(); i++) {
            update(digest, data.values(i, i + 1));
        }
        ByteBuffer labels = ByteBuffer.allocate(Integer.BYTES * data.size());
        labels.asIntBuffer().put(data.labels());
        digest.update(labels);
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void update(MessageDigest digest, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        digest.update(bytes);
    }
}
