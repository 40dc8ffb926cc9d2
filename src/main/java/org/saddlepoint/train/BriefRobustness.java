package org.saddlepoint.train;

import java.util.function.ToDoubleFunction;
import org.saddlepoint.attack.AttackOptions;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.threat.ThreatModel;

/**
 * Robust accuracy under PGD-5 (steps of epsilon / 4, random start, any iterate) on the first examples of the training: by it a
 * training that nobody hands a score sees its own collapse. It says nothing of other data.
 */
final class BriefRobustness implements ToDoubleFunction<Classifier> {
    private static final int EXAMPLES = 500;

    private final Pgd attack;
    private final float[] x;
    private final int[] labels;
    private final AttackOptions options;

    BriefRobustness(ThreatModel threat, Dataset data, long seed) {
        this.attack = Pgd.of(threat.norm(), threat.epsilon())
                .name("pgd-5")
                .steps(5)
                .relativeStepSize(0.25)
                .build();
        Dataset first = data.limit(EXAMPLES);
        this.x = first.values(0, first.size());
        this.labels = first.labels();
        this.options = AttackOptions.DEFAULT.withSeed(seed);
    }

    @Override
    public double applyAsDouble(Classifier classifier) {
        int held = 0;
        for (boolean success : attack.run(classifier, x, labels, options).success()) {
            held += success ? 0 : 1;
        }
        return (double) held / labels.length;
    }
}
