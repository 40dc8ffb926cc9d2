package org.saddlepoint.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.device.Device;
import org.saddlepoint.loss.Loss;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.Values;

/** A loss of one's own: a function of one example's logits and its gradient, at home in every attack. */
class OwnLossExampleTest {
    /** The mean of the other logits less the label's. */
    private static final Loss MEAN_MARGIN = Losses.perExample("mean-margin", (logits, label, gradient) -> {
        int others = logits.length - 1;
        double loss = -logits[label];
        Arrays.fill(gradient, 1f / others);
        gradient[label] = -1f;
        for (int j = 0; j < logits.length; j++) {
            loss += j == label ? 0 : (double) logits[j] / others;
        }
        return loss;
    });

    @Test
    void anAttackAscendsIt() {
        Model model = Model.sequential(dense(20, 40), relu(), dense(40, 5));
        float[] x = Values.uniform(new Random(1), 100 * 20, 0, 1);
        try (Device device = Device.cpu(1);
                Classifier classifier = Classifier.initialize(model, device, 1)) {
            int[] labels = classifier.predict(x);
            float[] before = classifier.lossGradient(x, labels, MEAN_MARGIN).loss();
            var result = Pgd.linf(0.02).loss(MEAN_MARGIN).build().run(classifier, x, labels);
            for (int i = 0; i < labels.length; i++) {
                assertThat(result.success()[i] || result.loss()[i] > before[i]).isTrue();
            }
        }
    }
}
