package org.saddlepoint.evaluate;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.threat.ThreatModel;

/**
 * What an evaluation found.
 *
 * @param clean accuracy on the inputs as they are
 * @param cleanPerClass the same, one entry a class
 * @param attacks one outcome for each attack and radius, in the order they ran
 * @param curve the worst case over attacks at each radius, radii rising: the robustness curve
 * @param robust the worst case over all attacks of every norm and radius; clean accuracy if there was no attack
 * @param robustPerClass the same, one entry a class
 * @param beatenBy for each example the position in {@code attacks} of the first that beat it, {@link #STANDS} or
 *     {@link #MISCLASSIFIED}
 * @param seed of random starts
 */
public record Robustness(
        Accuracy clean,
        List<Accuracy> cleanPerClass,
        List<Outcome> attacks,
        List<CurvePoint> curve,
        Accuracy robust,
        List<Accuracy> robustPerClass,
        List<Integer> beatenBy,
        long seed) {
    /** In {@link #beatenBy}: no attack beat the example. */
    public static final int STANDS = -1;

    /** In {@link #beatenBy}: the example is misclassified as it is. */
    public static final int MISCLASSIFIED = -2;

    /** Copies the lists. */
    public Robustness {
        cleanPerClass = List.copyOf(cleanPerClass);
        attacks = List.copyOf(attacks);
        curve = List.copyOf(curve);
        robustPerClass = List.copyOf(robustPerClass);
        beatenBy = List.copyOf(beatenBy);
    }

    /**
     * What one attack did. An example counts as robust if it is classified correctly both as it is and as attacked.
     *
     * @param name of the attack
     * @param description the attack with its settings
     * @param ensemble that it ran in; its own name outside one
     * @param threat norm and radius
     * @param faced examples that it was run on: those that neither the model nor the ensemble's attacks before it got wrong
     * @param robust accuracy under it, and under those before it in its ensemble
     * @param seconds it took
     * @param zeroGradients examples of which some step found an input gradient that was zero throughout
     * @param queries that an oracle was asked about the examples faced; null for a classifier at hand
     */
    public record Outcome(
            String name,
            String description,
            String ensemble,
            ThreatModel threat,
            int faced,
            Accuracy robust,
            double seconds,
            int zeroGradients,
            @Nullable Queries queries) {
        /**
         * Examples that no attack of the ensemble has beaten so far.
         *
         * @return 0..faced
         */
        public int survivors() {
            return robust.correct();
        }
    }

    /**
     * Queries of an attack, an example; those that judged originals and results are not among them.
     *
     * @param mean over the examples faced; 0 where there were none
     * @param median of the same, between the two in the middle where their number is even
     */
    public record Queries(double mean, double median) {
        /**
         * Of numbers of queries.
         *
         * @param counts one an example
         * @return their mean and median
         */
        public static Queries of(int[] counts) {
            if (counts.length == 0) {
                return new Queries(0, 0);
            }
            int[] sorted = counts.clone();
            Arrays.sort(sorted);
            int middle = sorted.length / 2;
            double median =
                    sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + (double) sorted[middle]) / 2;
            return new Queries(Arrays.stream(sorted).asLongStream().sum() / (double) sorted.length, median);
        }
    }

    /**
     * A point of the curve.
     *
     * @param epsilon the radius
     * @param robust worst case over the attacks at this radius
     */
    public record CurvePoint(double epsilon, Accuracy robust) {}

    /**
     * Robust accuracy by attack name at the largest radius.
     *
     * @return in the order they ran
     */
    public Map<String, Accuracy> byAttack() {
        float largest = 0;
        for (Outcome outcome : attacks) {
            largest = Math.max(largest, outcome.threat().epsilon());
        }
        Map<String, Accuracy> byName = new LinkedHashMap<>();
        for (Outcome outcome : attacks) {
            if (outcome.threat().epsilon() == largest) {
                byName.put(outcome.name(), outcome.robust());
            }
        }
        return byName;
    }
}
