package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Stream;
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

    /** Weights and biases alike uniform in [-1,1]: rough functions, with many a local maximum. */
    private static float[] rough(int seed) {
        return Values.uniform(new Random(seed), (int) MODEL.parameterCount(), -1, 1);
    }

    /** As training begins. */
    private static float[] fresh(int seed) {
        try (Device device = Device.cpu(1);
                Classifier classifier = Classifier.initialize(MODEL, device, seed)) {
            return classifier.parameters();
        }
    }

    /** Radii as people ask about them, up to a tenth of the box. */
    private static final double LOCAL = 0.1;

    @Test
    void autoAttackIsNearlyExact() {
        assertNearlyExact(40, LOCAL, 0.9, ExactRadiusTest::fresh);
        assertNearlyExact(40, Double.POSITIVE_INFINITY, 0.85, seed -> rough(100_000 + seed));
    }

    @Test
    @Tag("exhaustive")
    void autoAttackIsNearlyExactOnAThousandNetworks() {
        assertNearlyExact(1000, LOCAL, 0.95, ExactRadiusTest::rough);
    }

    /** Balls that hold half the box and more: one start in each finds fewer of the small, far places. */
    @Test
    @Tag("exhaustive")
    void autoAttackIsNearlyExactAtAnyRadius() {
        assertNearlyExact(1000, Double.POSITIVE_INFINITY, 0.94, ExactRadiusTest::rough);
    }

    /**
     * At 1.02 times the exact radius, and never at 0.999 times it.
     *
     * @param largest the largest radius of interest
     * @param share of the networks that the standard version breaks, at least; followed by APGD from ten starts it breaks more:
     *     what it misses are local maxima
     */
    private static void assertNearlyExact(int cases, double largest, double share, IntFunction<float[]> networks) {
        int broken = 0;
        int brokenInTen = 0;
        int tried = 0;
        try (Device device = Device.cpu(1)) {
            for (int net = 0; tried < cases; net++) {
                float[] parameters = networks.apply(net);
                try (Classifier classifier = Classifier.of(MODEL, device, parameters)) {
                    float[] x = Values.uniform(new Random(7_000_000L + net), D, 0, 1);
                    int[] label = classifier.predict(x);
                    double radius = new ExactRadius(parameters, D, HIDDEN, CLASSES).of(x, label[0], largest);
                    if (Double.isInfinite(radius) || radius < 1e-3) {
                        continue; // nothing to break, or too near for float32
                    }
                    tried++;
                    boolean breaks = breaks(classifier, x, label, 1.02 * radius);
                    broken += breaks ? 1 : 0;
                    brokenInTen += breaks || breaksFromTenStarts(classifier, x, label, 1.02 * radius) ? 1 : 0;
                    assertThat(breaks(classifier, x, label, 0.999 * radius))
                            .as("network %d, within its radius of %s", net, radius)
                            .isFalse();
                }
            }
        }
        System.out.printf(
                "radii below %s: of %d networks %d broken, %d with ten starts%n", largest, tried, broken, brokenInTen);
        assertThat(broken).as("broken of %d", tried).isGreaterThanOrEqualTo((int) Math.ceil(share * cases));
        assertThat(brokenInTen).as("broken of %d from ten starts", tried).isGreaterThanOrEqualTo((int)
                Math.ceil((share + 0.01) * cases));
    }

    private static boolean breaksFromTenStarts(Classifier classifier, float[] x, int[] label, double epsilon) {
        return Stream.of(Apgd.Objective.TARGETED_DLR, Apgd.Objective.TARGETED_MARGIN)
                .map(objective -> Apgd.of(Norm.LINF, epsilon)
                        .targets(CLASSES - 1)
                        .objective(objective)
                        .restarts(10)
                        .build())
                .anyMatch(attack -> attack.run(classifier, x, label).success()[0]);
    }

    private static boolean breaks(Classifier classifier, float[] x, int[] label, double epsilon) {
        return AutoAttack.standard(Norm.LINF, epsilon).attacks().stream()
                .anyMatch(attack -> attack.run(classifier, x, label).success()[0]);
    }
}
