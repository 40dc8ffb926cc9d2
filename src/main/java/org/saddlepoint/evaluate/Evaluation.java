package org.saddlepoint.evaluate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.AttackOptions;
import org.saddlepoint.attack.AttackResult;
import org.saddlepoint.attack.Ensemble;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.model.Knowledge;
import org.saddlepoint.model.Victim;

/**
 * An evaluation of a classifier or an oracle, completed by name and run by {@link #on}. A robust example is one that is classified
 * correctly as it is and after every attack; so the worst case over attacks is taken example by example.
 *
 * <p>Examples are numbered by their position in the data set, and random starts follow from that number: results do not
 * depend on batch size, threads, or which other attacks run.
 */
public final class Evaluation {
    /** Examples whose adversarial inputs are in host memory at once. */
    private static final int CHUNK = 2048;

    private final Victim victim;
    /** Each starts from all examples that are classified correctly as they are. */
    private final List<Ensemble> ensembles = new ArrayList<>();

    private long seed = 1;
    private int batchSize = 256;
    private int queries = Integer.MAX_VALUE;
    private int target = -1;
    private @Nullable Path stateFile;
    private ProgressListener progress = (attack, done, total) -> {};

    private Evaluation(Victim victim) {
        this.victim = victim;
    }

    /** Is told how far an attack is. */
    @FunctionalInterface
    public interface ProgressListener {
        /**
         * Some examples are done.
         *
         * @param attack the attack's name; {@code clean} for the first pass
         * @param done examples so far
         * @param total examples in all
         */
        void examplesDone(String attack, int done, int total);
    }

    /**
     * An evaluation.
     *
     * @param victim to be evaluated: a classifier, or an oracle, for attacks that need no more than it tells
     * @return settings, to be completed
     */
    public static Evaluation of(Victim victim) {
        return new Evaluation(victim);
    }

    /**
     * Measures clean accuracy, as every evaluation does; for readers of the code.
     *
     * @return these settings
     */
    public Evaluation clean() {
        return this;
    }

    /**
     * Adds an attack.
     *
     * @param attack run after those already added
     * @return these settings
     */
    public Evaluation against(Attack attack) {
        return against(new Ensemble(attack.name(), List.of(attack)));
    }

    /**
     * Adds an ensemble, such as AutoAttack: each of its attacks sees only the examples that
     * those before it in the ensemble have not beaten.
     *
     * @param ensemble run after what was already added
     * @return these settings
     */
    public Evaluation against(Ensemble ensemble) {
        ensembles.add(ensemble);
        return this;
    }

    /**
     * Adds attacks.
     *
     * @param more run in the order given
     * @return these settings
     */
    public Evaluation against(Attack... more) {
        for (Attack attack : more) {
            against(attack);
        }
        return this;
    }

    /**
     * Adds an attack at several radii: a robustness curve.
     *
     * @param attack which has a form for every radius
     * @param epsilons radii
     * @return these settings
     */
    public Evaluation curve(Attack attack, double... epsilons) {
        for (double epsilon : epsilons) {
            against(attack.withEpsilon(epsilon));
        }
        return this;
    }

    /**
     * The class that targeted attacks are to reach. Examples of that class cannot be attacked so.
     *
     * @param value a class
     * @return these settings
     */
    public Evaluation target(int value) {
        this.target = value;
        return this;
    }

    /**
     * From which random starts follow.
     *
     * @param value 1 by default
     * @return these settings
     */
    public Evaluation seed(long value) {
        this.seed = value;
        return this;
    }

    /**
     * Examples on the device together; changes no result.
     *
     * @param value at least 1
     * @return these settings
     */
    public Evaluation batchSize(int value) {
        this.batchSize = value;
        return this;
    }

    /**
     * The budget of each attack.
     *
     * @param value queries that an oracle may be asked about each example, at least 1; no limit by default
     * @return these settings
     */
    public Evaluation queries(int value) {
        this.queries = value;
        return this;
    }

    /**
     * Who is told of progress.
     *
     * @param value called on the evaluating thread
     * @return these settings
     */
    public Evaluation onProgress(ProgressListener value) {
        this.progress = value;
        return this;
    }

    /**
     * Where to keep what each attack left standing, as soon as it has run: an evaluation that was killed goes on behind the
     * last attack that it finished, to the same result.
     *
     * @param file written after each attack; read first, if it is there
     * @return these settings
     */
    public Evaluation state(Path file) {
        this.stateFile = file;
        return this;
    }

    /**
     * Runs the evaluation.
     *
     * @param data with the model's input size
     * @return what was found
     * @throws IllegalArgumentException where model and data do not fit, or a targeted attack has no target
     * @throws IllegalStateException where the model's logits are not finite
     * @throws UncheckedIOException where the {@link #state} file cannot be read or written, or is another evaluation's
     */
    public Robustness on(Dataset data) {
        requireFit(data);
        try {
            Path file = stateFile;
            if (file == null) {
                return run(data, null);
            }
            String evaluation =
                    EvaluationState.evaluation(victim, data, attacks(), List.of(seed, (long) target, (long) queries));
            return run(data, EvaluationState.open(file, evaluation, data.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Robustness run(Dataset data, @Nullable EvaluationState state) throws IOException {
        BitSet clean = correct(data);
        List<Robustness.Outcome> outcomes = new ArrayList<>();
        Map<Double, BitSet> standing = new TreeMap<>();
        int[] beatenBy = new int[data.size()];
        Arrays.fill(beatenBy, Robustness.STANDS);
        for (int i = clean.nextClearBit(0); i < data.size(); i = clean.nextClearBit(i + 1)) {
            beatenBy[i] = Robustness.MISCLASSIFIED;
        }
        for (Ensemble ensemble : ensembles) {
            BitSet robust = (BitSet) clean.clone();
            for (Attack attack : ensemble.attacks()) {
                int number = outcomes.size();
                int faced = robust.cardinality();
                EvaluationState.Finished finished = finish(attack, number, data, robust, state);
                robust = (BitSet) finished.standing().clone();
                for (int i = 0; i < beatenBy.length; i++) {
                    if (!robust.get(i) && beatenBy[i] == Robustness.STANDS) {
                        beatenBy[i] = number;
                    }
                }
                outcomes.add(new Robustness.Outcome(
                        attack.name(),
                        attack.toString(),
                        ensemble.name(),
                        attack.threat(),
                        faced,
                        new Accuracy(robust.cardinality(), data.size()),
                        finished.seconds(),
                        finished.zeroGradients(),
                        finished.queries()));
            }
            standing.computeIfAbsent((double) ensemble.threat().epsilon(), epsilon -> (BitSet) clean.clone())
                    .and(robust);
        }
        List<Robustness.CurvePoint> curve = new ArrayList<>();
        BitSet worst = (BitSet) clean.clone();
        for (Map.Entry<Double, BitSet> point : standing.entrySet()) {
            // What falls at one radius has fallen, whatever the attacks at others or within other norms.
            worst.and(point.getValue());
            curve.add(new Robustness.CurvePoint(
                    point.getKey(), new Accuracy(point.getValue().cardinality(), data.size())));
        }
        return new Robustness(
                new Accuracy(clean.cardinality(), data.size()),
                perClass(data, clean),
                outcomes,
                curve,
                new Accuracy(worst.cardinality(), data.size()),
                perClass(data, worst),
                Arrays.stream(beatenBy).boxed().toList(),
                seed);
    }

    /** Runs an attack on what stands, unless the state tells how that went. */
    private EvaluationState.Finished finish(
            Attack attack, int number, Dataset data, BitSet standing, @Nullable EvaluationState state)
            throws IOException {
        if (state != null && number < state.count()) {
            return state.get(number);
        }
        long started = System.nanoTime();
        BitSet robust = (BitSet) standing.clone();
        int[] asked = new int[robust.cardinality()];
        int zeroGradients = attack(attack, data, robust, asked);
        double seconds = (System.nanoTime() - started) * 1e-9;
        EvaluationState.Finished finished = new EvaluationState.Finished(
                robust,
                seconds,
                zeroGradients,
                victim.knowledge() == Knowledge.GRADIENTS ? null : Robustness.Queries.of(asked));
        if (state != null) {
            state.add(finished, data.size());
        }
        return finished;
    }

    private List<Attack> attacks() {
        return ensembles.stream()
                .flatMap(ensemble -> ensemble.attacks().stream())
                .toList();
    }

    private void requireFit(Dataset data) {
        int d = victim.input().size();
        int classes = victim.classes();
        if (d != data.features() || classes < data.classes()) {
            throw new IllegalArgumentException(victim + " takes " + d + " values and has "
                    + classes + " classes, but " + data.name() + " has " + data.features()
                    + " values an example and " + data.classes() + " classes");
        }
        for (Attack attack : attacks()) {
            if (attack.targeted() && (target < 0 || target >= classes)) {
                throw new IllegalArgumentException(
                        "a targeted attack needs a target class in 0.." + (classes - 1) + ", not " + target);
            }
        }
    }

    private BitSet correct(Dataset data) {
        int classes = victim.classes();
        BitSet correct = new BitSet(data.size());
        for (int from = 0; from < data.size(); from += CHUNK) {
            int to = Math.min(data.size(), from + CHUNK);
            float[] logits = victim.logits(data.values(from, to));
            for (int i = from; i < to; i++) {
                correct.set(i, largest(logits, (i - from) * classes, classes, i) == data.labels()[i]);
            }
            progress.examplesDone("clean", to, data.size());
        }
        return correct;
    }

    /** The arg max of one example's logits, which must be numbers: a verdict on others would mean nothing. */
    private int largest(float[] logits, int from, int classes, int example) {
        int best = 0;
        for (int c = 0; c < classes; c++) {
            float logit = logits[from + c];
            if (!Float.isFinite(logit)) {
                throw new IllegalStateException(victim + " gives example " + example + " the logit " + logit
                        + " for class " + c + ": it cannot be evaluated");
            }
            best = logit > logits[from + best] ? c : best;
        }
        return best;
    }

    /**
     * Clears the examples that the attack beats, and counts its queries about each; returns how many met a zero gradient.
     * Examples that are misclassified as they are have lost already and are not attacked.
     */
    private int attack(Attack attack, Dataset data, BitSet robust, int[] asked) {
        int zeroGradients = 0;
        int[] standing = robust.stream().toArray();
        for (int from = 0; from < standing.length; from += CHUNK) {
            int[] indices = Arrays.copyOfRange(standing, from, Math.min(standing.length, from + CHUNK));
            int[] labels = new int[indices.length];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = attack.targeted() ? target : data.labels()[indices[i]];
            }
            int start = from;
            AttackOptions options = AttackOptions.DEFAULT
                    .withSeed(seed)
                    .withBatchSize(batchSize)
                    .withIndices(indices)
                    .withQueries(queries)
                    .withProgress((done, total) -> progress.examplesDone(attack.name(), start + done, standing.length));
            AttackResult result = attack.run(victim, data.values(indices), labels, options);
            System.arraycopy(result.queries(), 0, asked, from, indices.length);
            for (int i = 0; i < indices.length; i++) {
                boolean attackable = !attack.targeted() || data.labels()[indices[i]] != target;
                if (result.success()[i] && attackable) {
                    robust.clear(indices[i]);
                }
                zeroGradients += result.zeroGradients()[i] > 0 ? 1 : 0;
            }
        }
        return zeroGradients;
    }

    private static List<Accuracy> perClass(Dataset data, BitSet counted) {
        int[] correct = new int[data.classes()];
        int[] total = new int[data.classes()];
        for (int i = 0; i < data.size(); i++) {
            total[data.labels()[i]]++;
            correct[data.labels()[i]] += counted.get(i) ? 1 : 0;
        }
        List<Accuracy> accuracies = new ArrayList<>();
        for (int c = 0; c < total.length; c++) {
            accuracies.add(new Accuracy(correct[c], total[c]));
        }
        return accuracies;
    }
}
