package org.saddlepoint.evaluate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * @param seed of random starts
 */
public record Robustness(
        Accuracy clean,
        List<Accuracy> cleanPerClass,
        List<Outcome> attacks,
        List<CurvePoint> curve,
        Accuracy robust,
        List<Accuracy> robustPerClass,
        long seed) {
    /** Copies the lists. */
    public Robustness {
        cleanPerClass = List.copyOf(cleanPerClass);
        attacks = List.copyOf(attacks);
        curve = List.copyOf(curve);
        robustPerClass = List.copyOf(robustPerClass);
    }

    /**
     * What one attack did. An example counts as robust if it is classified correctly both as it is and as attacked.
     *
     * @param name of the attack
     * @param description the attack with its settings
     * @param threat norm and radius
     * @param robust accuracy under it
     * @param seconds it took
     * @param zeroGradients examples of which some step found an input gradient that was zero throughout
     */
    public record Outcome(
            String name, String description, ThreatModel threat, Accuracy robust, double seconds, int zeroGradients) {}

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
