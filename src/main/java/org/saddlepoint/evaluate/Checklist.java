package org.saddlepoint.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.saddlepoint.attack.AttackOptions;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.model.Knowledge;
import org.saddlepoint.model.Victim;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * Whether an evaluation can be trusted: the questions of "On evaluating adversarial robustness" (Carlini et al. 2019) and the
 * warning flags of AutoAttack (Croce and Hein 2020) that a program can answer.
 */
public final class Checklist {
    private static final Set<String> SINGLE_STEP = Set.of("fgsm", "fgsm-rs");
    private static final Set<String> BLACK_BOX = Set.of("square", "nes", "hop-skip-jump", "transfer");
    /** AutoAttack's tolerance, in accuracy, between black-box and white-box attacks. */
    private static final double TOLERANCE = 0.002;
    /** By how much accuracy may rise with the radius by chance. */
    private static final double CHANCE = 0.005;

    private static final String NO_GRADIENTS = "an oracle has no gradients: white-box attacks cannot be compared";

    /** Examples of the checks that run the model again. */
    private static final int SAMPLE = 100;

    private final Victim victim;
    private final Dataset data;
    private final Robustness robustness;
    private final List<Finding> findings = new ArrayList<>();

    private Checklist(Victim victim, Dataset data, Robustness robustness) {
        this.victim = victim;
        this.data = data;
        this.robustness = robustness;
    }

    /** What a check came to. */
    public enum Verdict {
        /** Nothing speaks against the evaluation here. */
        OK,
        /** The robustness reported may be more than there is. */
        WARNING,
        /** The evaluation holds nothing to check this by. */
        NOT_CHECKED
    }

    /**
     * A check's outcome.
     *
     * @param check its name
     * @param verdict what it came to
     * @param meaning one sentence
     */
    public record Finding(String check, Verdict verdict, String meaning) {}

    /**
     * Checks an evaluation; some checks run the model on a few examples more. Of an oracle, what needs gradients is not
     * checked.
     *
     * @param victim that was evaluated
     * @param data that it was evaluated on
     * @param robustness what was found
     * @return one finding a check
     */
    public static List<Finding> of(Victim victim, Dataset data, Robustness robustness) {
        Checklist list = new Checklist(victim, data, robustness);
        list.outputs();
        if (victim.knowledge() == Knowledge.GRADIENTS) {
            list.zeroGradients();
            list.iterations();
            list.blackBox();
        } else {
            for (String check : List.of("gradients", "iterations", "black box")) {
                list.notChecked(check, NO_GRADIENTS);
            }
        }
        list.radii();
        if (victim.knowledge() == Knowledge.GRADIENTS) {
            list.largeRadius();
        } else {
            list.notChecked("large epsilon", NO_GRADIENTS);
        }
        return List.copyOf(list.findings);
    }

    private void outputs() {
        int classes = victim.classes();
        int n = Math.min(SAMPLE, data.size());
        float[] first = victim.logits(data.values(0, n));
        if (!Arrays.equals(first, victim.logits(data.values(0, n)))) {
            warn("outputs", "the model answers differently each time: attacks need the average over several passes");
            return;
        }
        if (victim.knowledge() == Knowledge.LABELS) {
            ok("outputs", "the oracle tells the same labels each time");
            return;
        }
        boolean probabilities = classes > 1;
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                float value = first[i * classes + c];
                probabilities &= value >= 0 && value <= 1;
                sum += value;
            }
            probabilities &= Math.abs(sum - 1) < 1e-4;
        }
        if (probabilities && victim.knowledge() == Knowledge.LOGITS) {
            warn(
                    "outputs",
                    "the oracle seems to tell probabilities: where it is confident they hardly differ; ask for logits");
        } else if (probabilities) {
            warn(
                    "outputs",
                    "the model seems to end in a softmax: gradients vanish where it is confident; attack the logits");
        } else {
            ok("outputs", "the model gives the same logits each time, and they are no probabilities");
        }
    }

    private void zeroGradients() {
        int faced = 0;
        int met = 0;
        for (Robustness.Outcome outcome : robustness.attacks()) {
            if (!BLACK_BOX.contains(outcome.name())) {
                faced += outcome.faced();
                met += outcome.zeroGradients();
            }
        }
        if (faced == 0) {
            notChecked("gradients", "no gradient attack ran");
        } else if (met > 0) {
            warn(
                    "gradients",
                    percent((double) met / faced)
                            + " of attacked examples met an input gradient of zero: a gradient attack goes astray there");
        } else {
            ok("gradients", "no attacked example met an input gradient of zero");
        }
    }

    private void iterations() {
        boolean checked = false;
        for (Robustness.Outcome single : robustness.attacks()) {
            Optional<Robustness.Outcome> iterative = robustness.attacks().stream()
                    .filter(other -> other.threat().equals(single.threat()))
                    .filter(other -> !SINGLE_STEP.contains(other.name()) && !BLACK_BOX.contains(other.name()))
                    .max((a, b) -> Integer.compare(b.survivors(), a.survivors()));
            if (SINGLE_STEP.contains(single.name()) && iterative.isPresent()) {
                checked = true;
                double gain = iterative.get().robust().value() - single.robust().value();
                if (gain > CHANCE) {
                    warn(
                            "iterations",
                            single.name() + " finds " + points(gain) + " more than "
                                    + iterative.get().name() + ": the gradients mislead, or the steps are too few");
                    return;
                }
            }
        }
        if (checked) {
            ok("iterations", "iterative attacks find at least as much as single-step ones");
        } else {
            notChecked("iterations", "it needs a single-step attack (fgsm) beside an iterative one");
        }
    }

    private void blackBox() {
        for (Robustness.Outcome search : robustness.attacks()) {
            if (!BLACK_BOX.contains(search.name())) {
                continue;
            }
            Optional<Robustness.Outcome> gradient = robustness.attacks().stream()
                    .filter(other -> other.threat().equals(search.threat()) && !BLACK_BOX.contains(other.name()))
                    .min((a, b) -> Integer.compare(a.survivors(), b.survivors()));
            if (gradient.isPresent()) {
                // In an ensemble, the white-box attacks' survivors are those that the search was run on.
                double gain = gradient.get().robust().value() - search.robust().value();
                if (gain > TOLERANCE) {
                    warn(
                            "black box",
                            search.name() + " beats " + points(gain)
                                    + " that no gradient attack does: gradients alone overrate this model");
                } else {
                    ok("black box", "attacks without gradients find no more than those with them");
                }
                return;
            }
        }
        notChecked("black box", "it needs square, nes or hop-skip-jump beside a gradient attack, as in autoattack");
    }

    private void radii() {
        List<Robustness.CurvePoint> curve = robustness.curve();
        if (curve.size() < 2) {
            notChecked("radii", "it needs several radii");
            return;
        }
        for (int i = 1; i < curve.size(); i++) {
            double rise =
                    curve.get(i).robust().value() - curve.get(i - 1).robust().value();
            if (rise > CHANCE) {
                warn(
                        "radii",
                        "robust accuracy rises by " + points(rise) + " from epsilon "
                                + curve.get(i - 1).epsilon() + " to "
                                + curve.get(i).epsilon() + ": the attack fails there");
                return;
            }
        }
        ok("radii", "robust accuracy never rises with epsilon");
    }

    /** Where the ball holds the whole box, every model can be led to any class. */
    private void largeRadius() {
        if (robustness.attacks().isEmpty()) {
            notChecked("large epsilon", "no attack ran");
            return;
        }
        int[] correct = java.util.stream.IntStream.range(0, data.size())
                .filter(i -> robustness.beatenBy().get(i) != Robustness.MISCLASSIFIED)
                .limit(SAMPLE)
                .toArray();
        ThreatModel threat = robustness.attacks().getFirst().threat();
        Pgd pgd = Pgd.of(threat.norm(), wholeBox(threat.norm())).steps(20).build();
        int[] labels = Arrays.stream(correct).map(i -> data.labels()[i]).toArray();
        AttackOptions options =
                AttackOptions.DEFAULT.withSeed(robustness.seed()).withIndices(correct);
        int robust = correct.length
                - (correct.length == 0
                        ? 0
                        : pgd.run(victim, data.values(correct), labels, options).successes());
        double left = (double) robust / Math.max(1, correct.length);
        if (left > 1.0 / victim.classes()) {
            warn(
                    "large epsilon",
                    percent(left) + " of " + correct.length
                            + " examples withstand PGD-20 that may change every value at will: it fails on this model");
        } else {
            ok("large epsilon", "where every value may be changed at will, PGD-20 leaves " + percent(left));
        }
    }

    private double wholeBox(Norm norm) {
        int d = data.features();
        return switch (norm) {
            case LINF -> 1;
            case L2 -> Math.sqrt(d);
            case L1 -> d;
        };
    }

    private void ok(String check, String meaning) {
        findings.add(new Finding(check, Verdict.OK, meaning));
    }

    private void warn(String check, String meaning) {
        findings.add(new Finding(check, Verdict.WARNING, meaning));
    }

    private void notChecked(String check, String meaning) {
        findings.add(new Finding(check, Verdict.NOT_CHECKED, meaning));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String points(double share) {
        return String.format(Locale.ROOT, "%.1f points", 100 * share);
    }
}
