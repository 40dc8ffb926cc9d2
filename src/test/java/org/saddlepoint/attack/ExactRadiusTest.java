package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.ExactRadius;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;

/** AutoAttack against the exact worst case of small ReLU networks: it breaks nearly all beyond the radius, and none within. */
class ExactRadiusTest {
    private static final int D = 5;
    private static final int HIDDEN = 7;
    private static final int CLASSES = 4;
    private static final Model MODEL = Model.sequential(dense(D, HIDDEN), relu(), dense(HIDDEN, CLASSES));

    @Test
    void autoAttackIsNearlyExact() {
        assertNearlyExact(60, 1);
    }

    @Test
    @Tag("exhaustive")
    void autoAttackIsNearlyExactOnAThousandNetworks() {
        assertNearlyExact(1000, 2);
    }

    private static void assertNearlyExact(int cases, int seed) {
        int broken = 0;
        int tried = 0;
        try (Device device = Device.cpu(1)) {
            for (int net = 0; tried < cases; net++) {
                float[] parameters =
                        Values.uniform(new Random(seed * 100_000L + net), (int) MODEL.parameterCount(), -1, 1);
                try (Classifier classifier = Classifier.of(MODEL, device, parameters)) {
                    float[] x = Values.uniform(new Random(seed * 200_000L + net), D, 0, 1);
                    int[] label = classifier.predict(x);
                    double radius = new ExactRadius(parameters, D, HIDDEN, CLASSES).of(x, label[0]);
                    if (Double.isInfinite(radius) || radius < 1e-3) {
                        continue; // nothing to break, or too near for float32
                    }
                    tried++;
                    broken += breaks(classifier, x, label, 1.02 * radius) ? 1 : 0;
                    assertThat(breaks(classifier, x, label, 0.999 * radius))
                            .as("network %d, within its radius of %s", net, radius)
                            .isFalse();
                }
            }
        }
        assertThat(broken).as("broken of %d", tried).isGreaterThanOrEqualTo((int) Math.ceil(0.95 * cases));
    }

    private static boolean breaks(Classifier classifier, float[] x, int[] label, double epsilon) {
        return AutoAttack.standard(Norm.LINF, epsilon).attacks().stream()
                .anyMatch(attack -> attack.run(classifier, x, label).success()[0]);
    }
}
