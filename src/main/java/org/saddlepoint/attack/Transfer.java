package org.saddlepoint.attack;

import java.util.Arrays;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.model.BoundModel;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Knowledge;

/**
 * Transfer from a substitute (Papernot et al. 2017, "Practical black-box attacks against machine learning"): any white-box
 * attack on a classifier at hand, whose results are then tried on the victim. The victim is asked about each example once,
 * for the verdict; so it counts no queries. (Those that the substitute's labels took are its own:
 * {@code org.saddlepoint.train.Substitute}.)
 *
 * <p>The attack runs in its training form: PGD goes on to its last iterate, because one that stops where the substitute is
 * fooled is just beyond the substitute's boundary, and seldom beyond the victim's. Results report the attack's loss on the
 * victim.
 */
public final class Transfer extends Attack {
    private final Classifier substitute;
    private final Attack attack;

    /**
     * An attack by way of a substitute.
     *
     * @param substitute with the victim's inputs and classes, on the victim's device; to be closed by the caller after this
     *     attack's last use
     * @param attack to be run on the substitute
     */
    public Transfer(Classifier substitute, Attack attack) {
        super("transfer", attack.threat());
        this.substitute = substitute;
        this.attack = attack.forTraining();
    }

    @Override
    public Knowledge needs() {
        return Knowledge.LABELS;
    }

    @Override
    public boolean targeted() {
        return attack.targeted();
    }

    @Override
    public Loss loss() {
        return attack.loss();
    }

    @Override
    public int restarts() {
        return attack.restarts();
    }

    @Override
    protected int steps() {
        return attack.steps();
    }

    @Override
    public Transfer withEpsilon(double epsilon) {
        return new Transfer(substitute, attack.withEpsilon(epsilon));
    }

    @Override
    protected void perturb(AttackBatch batch) {
        requireFit(batch);
        int n = batch.size();
        long values = (long) n * batch.features();
        try (BoundModel bound = substitute.bind(n);
                AttackBatch inner = new AttackBatch(bound, batch.random(), true)) {
            inner.begin(n, batch.random());
            inner.operations().copy(values, batch.origin(), inner.origin());
            inner.operations().copy(values, batch.origin(), inner.x());
            inner.labels().write(batch.labels().ints(n), 0, n);
            inner.indices().write(batch.indices().ints(n), 0, n);
            BestIterate best = inner.best();
            if (best != null) {
                inner.operations().copy(values, batch.origin(), best.x());
            }
            attack.perturb(inner);
            batch.operations().copy(values, inner.x(), batch.x());
        }
    }

    private void requireFit(AttackBatch batch) {
        if (!substitute.device().equals(batch.victim().device())) {
            throw new IllegalArgumentException("the substitute is on the device "
                    + substitute.device().name() + ", the victim on another,"
                    + " " + batch.victim().device().name() + ": they must share one");
        }
        if (substitute.input().size() != batch.features()
                || substitute.classes() != batch.victim().classes()) {
            throw new IllegalArgumentException(
                    "the substitute takes " + substitute.input().size() + " values and has " + substitute.classes()
                            + " classes, the victim takes " + batch.features() + " and has "
                            + batch.victim().classes());
        }
    }

    /** {@inheritDoc} The substitute's weights are in it by a digest, for evaluations that are resumed. */
    @Override
    public String toString() {
        return "transfer(%s on %s with the weights %08x)"
                .formatted(attack, substitute, Arrays.hashCode(substitute.parameters()));
    }
}
