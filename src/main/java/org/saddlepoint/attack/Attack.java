package org.saddlepoint.attack;

import java.util.Arrays;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.BoundVictim;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Knowledge;
import org.saddlepoint.model.Victim;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * An attack on classifiers: immutable, safe to use from several threads. A subclass implements {@link #perturb} and holds
 * only its idea; this class projects the result onto ball and box, proves both exactly on the stored values, and passes
 * the result forward once more for its verdict. Success is never inferred.
 */
public abstract class Attack {
    private final String name;
    private final ThreatModel threat;

    /**
     * Creates an attack.
     *
     * @param name how results call it
     * @param threat what it may do
     */
    protected Attack(String name, ThreatModel threat) {
        this.name = name;
        this.threat = threat;
    }

    /**
     * How results call it.
     *
     * @return such as {@code pgd}
     */
    public final String name() {
        return name;
    }

    /**
     * What it may do.
     *
     * @return norm and radius
     */
    public final ThreatModel threat() {
        return threat;
    }

    /**
     * The least that it must know of its victim.
     *
     * @return gradients unless overridden
     */
    public Knowledge needs() {
        return Knowledge.GRADIENTS;
    }

    /**
     * Whether it seeks the classes it is given, instead of avoiding them.
     *
     * @return false unless overridden
     */
    public boolean targeted() {
        return false;
    }

    /**
     * The loss that results report.
     *
     * @return cross-entropy unless overridden
     */
    public Loss loss() {
        return Losses.CROSS_ENTROPY;
    }

    /**
     * Perturbs a batch.
     *
     * @param batch originals, labels and indices; {@link AttackBatch#x} holds a copy of the originals, and the result
     *     afterwards
     */
    protected abstract void perturb(AttackBatch batch);

    /**
     * The same attack as training uses it: no verdict is spent, and iterative attacks return the last iterate (Madry et al.
     * 2018) of their restarts.
     *
     * @return this attack unless overridden
     */
    public Attack forTraining() {
        return this;
    }

    /**
     * The same attack at another radius, everything that was derived from the radius derived anew: for robustness curves.
     *
     * @param epsilon the radius
     * @return a copy
     * @throws UnsupportedOperationException unless overridden
     */
    public Attack withEpsilon(double epsilon) {
        throw new UnsupportedOperationException("the attack " + name + " has no form for another epsilon");
    }

    /**
     * Whether perturbing a batch is the same sequence of device operations each time, whatever the values in the batch: then
     * a training step can be recorded and repeated ({@link org.saddlepoint.device.Replay}).
     *
     * @return false unless overridden
     */
    public boolean repeatable() {
        return false;
    }

    /**
     * How many starts it tries of which the worst counts, for training to plan for.
     *
     * @return 1 unless overridden
     */
    public int restarts() {
        return 1;
    }

    /**
     * What operands of products are rounded to, for training to plan for.
     *
     * @return float32 unless overridden
     */
    public Precision precision() {
        return Precision.FLOAT32;
    }

    /**
     * Perturbs a batch inside training: no projection beyond the attack's own, no verdict.
     *
     * @param batch as {@link #perturb} takes it
     */
    public final void perturbForTraining(AttackBatch batch) {
        perturb(batch);
    }

    /**
     * Attacks examples with default options.
     *
     * @param victim a classifier, or an oracle that tells what the attack {@link #needs}
     * @param x N x d values in [0,1]
     * @param labels N classes to leave (targeted: to reach)
     * @return what was found
     */
    public final AttackResult run(Victim victim, float[] x, int[] labels) {
        return run(victim, x, labels, AttackOptions.DEFAULT);
    }

    /**
     * Attacks examples. The result is the same bits whatever the batch size and the number of threads.
     *
     * @param victim a classifier, or an oracle that tells what the attack {@link #needs}
     * @param x N x d values in [0,1]
     * @param labels N classes to leave (targeted: to reach)
     * @param options seed, batch size, indices
     * @return what was found
     */
    public final AttackResult run(Victim victim, float[] x, int[] labels, AttackOptions options) {
        if (!victim.knowledge().includes(needs())) {
            throw new IllegalArgumentException("the attack " + name + " needs " + needs() + ", but " + victim
                    + " was given: square and nes need logits, hop-skip-jump and transfer no more than labels");
        }
        int d = victim.input().size();
        if (x.length != (long) labels.length * d) {
            throw new IllegalArgumentException(
                    x.length + " values were given for " + labels.length + " inputs of " + d + " values");
        }
        Classifier.requireLabels(labels, labels.length, victim.classes());
        for (int i = 0; i < x.length; i++) {
            if (!(x[i] >= 0f && x[i] <= 1f)) {
                throw new IllegalArgumentException("value " + x[i] + " of example " + i / d + " is outside [0,1]");
            }
        }
        int[] given = options.indices();
        if (given != null && given.length != labels.length) {
            throw new IllegalArgumentException(given.length + " indices were given for " + labels.length + " examples");
        }
        int[] indices = given;
        if (indices == null) {
            indices = new int[labels.length];
            Arrays.setAll(indices, i -> i);
        }
        AttackResult result = new AttackResult(
                name,
                threat,
                options.seed(),
                new float[x.length],
                new boolean[labels.length],
                new int[labels.length],
                new int[labels.length],
                new float[labels.length],
                new double[labels.length],
                new double[labels.length],
                new double[labels.length],
                new int[labels.length],
                new int[labels.length],
                new int[labels.length]);
        RandomStream random = new RandomStream(options.seed(), Purpose.ATTACK_START, 0);
        int batchSize = Math.max(1, Math.min(options.batchSize(), labels.length));
        try (BoundVictim bound = victim.bind(batchSize);
                AttackBatch batch = new AttackBatch(bound, random, true);
                Verdict verdict = new Verdict(batch, result)) {
            batch.budget(options.queries());
            for (int from = 0; from < labels.length; from += batchSize) {
                batch.requireGoing();
                int n = Math.min(batchSize, labels.length - from);
                batch.begin(n, random);
                batch.origin().write(x, from * d, n * d);
                batch.labels().write(labels, from, n);
                batch.indices().write(indices, from, n);
                verdict.before(from);
                batch.operations().copy((long) n * d, batch.origin(), batch.x());
                BestIterate best = batch.best();
                if (best != null) {
                    // Where no iterate is better than none (a loss that is no number), the original is returned.
                    batch.operations().copy((long) n * d, batch.origin(), best.x());
                }
                perturb(batch);
                bound.queries(result.queries(), from, n);
                verdict.after(x, labels, from);
                options.progress().examplesDone(from + n, labels.length);
            }
        }
        return result;
    }

    /** Measures what an attack did to a batch, and proves that it was allowed. */
    private final class Verdict implements AutoCloseable {
        private final AttackBatch batch;
        private final AttackResult result;
        private final BufferArena arena;
        private final Buffer classes;
        private final Buffer losses;

        Verdict(AttackBatch batch, AttackResult result) {
            this.batch = batch;
            this.result = result;
            this.arena = batch.victim().device().arena();
            try {
                this.classes = arena.ints(batch.victim().batch());
                this.losses = arena.floats(batch.victim().batch());
            } catch (RuntimeException e) {
                arena.close();
                throw e;
            }
        }

        void before(int from) {
            classify(batch.origin());
            classes.read(result.labelBefore(), from, batch.size());
        }

        private Buffer classify(Buffer inputs) {
            Buffer logits = batch.victim().forward(batch.size(), inputs);
            int c = batch.victim().classes();
            batch.operations().argMax(batch.size(), c, logits, classes);
            return logits;
        }

        void after(float[] x, int[] labels, int from) {
            int n = batch.size();
            int d = batch.features();
            Operations operations = batch.operations();
            operations.project(threat.norm(), threat.epsilon(), n, d, batch.origin(), batch.x());
            Buffer logits = classify(batch.x());
            int c = batch.victim().classes();
            loss().evaluate(operations, n, c, logits, batch.labels(), 1f, false, losses, null);
            batch.x().read(result.adversarial(), from * d, n * d);
            classes.read(result.labelAfter(), from, n);
            losses.read(result.loss(), from, n);
            BestIterate best = batch.best();
            if (best != null) {
                best.beaten().read(result.iterations(), from, n);
                best.zeroGradients().read(result.zeroGradients(), from, n);
            }
            for (int i = from; i < from + n; i++) {
                prove(x, i, d);
                result.success()[i] = (result.labelAfter()[i] == labels[i]) == targeted();
                if (result.iterations()[i] < 0) {
                    result.iterations()[i] = steps();
                }
            }
        }

        private void prove(float[] x, int i, int d) {
            float[] adversarial = result.adversarial();
            if (!threat.allows(x, adversarial, i * d, d)) {
                throw new IllegalStateException("the attack " + name + " left its threat model at example " + i
                        + ": its distance is "
                        + threat.norm().distance(x, i * d, adversarial, i * d, d) + ", allowed is "
                        + threat.epsilon() + " within [0,1]");
            }
            result.linf()[i] = Norm.LINF.distance(x, i * d, adversarial, i * d, d);
            result.l2()[i] = Norm.L2.distance(x, i * d, adversarial, i * d, d);
            result.l1()[i] = Norm.L1.distance(x, i * d, adversarial, i * d, d);
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    /**
     * Steps of one restart, for results.
     *
     * @return 1 unless overridden
     */
    protected int steps() {
        return 1;
    }
}
