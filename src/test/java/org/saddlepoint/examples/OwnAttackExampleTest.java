package org.saddlepoint.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.AttackBatch;
import org.saddlepoint.attack.AttackResult;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Start;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** An attack of one's own: a subclass that holds the idea; radius, box, verdict and report come from {@link Attack}. */
class OwnAttackExampleTest {
    /** Tries uniform draws from the ball and keeps the best of them: the simplest sanity check of a gradient attack. */
    private static final class RandomSearch extends Attack {
        private final int draws;

        RandomSearch(ThreatModel threat, int draws) {
            super("random-search", threat);
            this.draws = draws;
        }

        @Override
        protected void perturb(AttackBatch batch) {
            Loop.Rule rule = new Loop.Rule(threat(), 0, 0f, 1, Start.BALL_AND_BOX, false);
            for (int draw = 0; draw < draws; draw++) {
                Loop loop = batch.loop(rule, draw, true);
                batch.operations().randomStart(loop, batch.features());
                batch.model().keepLast(loop, loss(), draw);
            }
            BestIterate best = batch.best();
            if (best != null) {
                batch.operations().copy((long) batch.size() * batch.features(), best.x(), batch.x());
            }
        }
    }

    @Test
    void randomSearchBreaksSomethingAndPgdBreaksMore() {
        Model model = Model.sequential(dense(20, 40), relu(), dense(40, 5));
        float[] x = Values.uniform(new Random(1), 200 * 20, 0, 1);
        try (Device device = Device.cpu(1);
                Classifier classifier = Classifier.initialize(model, device, 1)) {
            int[] labels = classifier.predict(x);
            ThreatModel threat = ThreatModel.of(Norm.LINF, 0.1);
            AttackResult found = new RandomSearch(threat, 30).run(classifier, x, labels);
            AttackResult pgd = Pgd.linf(0.1).build().run(classifier, x, labels);
            assertThat(found.attack()).isEqualTo("random-search");
            assertThat(found.successes()).isBetween(1, pgd.successes());
            assertThat(Arrays.stream(found.linf())).allMatch(distance -> distance <= 0.1);
        }
    }
}
