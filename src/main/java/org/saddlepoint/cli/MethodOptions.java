package org.saddlepoint.cli;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.FgsmRs;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.cli.Choices.Method;
import org.saddlepoint.device.Precision;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.train.AdversarialTraining;
import org.saddlepoint.train.Training;
import picocli.CommandLine.Option;

/** The method of training and its attack. */
final class MethodOptions {
    private static final double PAPER_EPSILON = 0.031;

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            defaultValue = "pgd",
            description = "How to train: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Method method;

    @Option(
            names = "--replays",
            paramLabel = "M",
            defaultValue = "8",
            description =
                    "How often free trains on each batch in a row; an epoch is one pass over the data all the same, so"
                            + " give fewer. Default: ${DEFAULT-VALUE}.")
    private int replays;

    @Option(
            names = "--beta",
            paramLabel = "B",
            defaultValue = "6",
            description = "Weight of the divergence in trades. Default: ${DEFAULT-VALUE}.")
    private Double beta;

    @Option(
            names = "--clean-share",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of each batch that is trained on as it is. Default: ${DEFAULT-VALUE}.")
    private Double cleanShare;

    @Option(
            names = "--epsilon-warmup",
            paramLabel = "W",
            defaultValue = "0",
            description = "Epochs over which epsilon grows to its value: epoch e trains at e / (W + 1) of it."
                    + " For large radii. Default: ${DEFAULT-VALUE}.")
    private int epsilonWarmup;

    @Option(
            names = "--early-stop",
            negatable = true,
            fallbackValue = "true",
            description =
                    "Whether to stop once the robust accuracy of an epoch is more than 20 points below the best, and to"
                            + " keep the best epoch's weights (catastrophic overfitting). It is measured by PGD-5 on the first 500"
                            + " training examples; with --validation, as those figures are. Default: true for fgsm-rs, else false.")
    private @Nullable Boolean earlyStop;

    @Option(
            names = "--norm",
            paramLabel = "NORM",
            defaultValue = "linf",
            completionCandidates = Choices.Norms.class,
            description = "Norm of perturbations: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Norm norm;

    @Option(
            names = "--epsilon",
            paramLabel = "E",
            defaultValue = "0.031",
            description =
                    "Radius of perturbations, for pixels in [0,1]; 8/255 is a number too. Default: ${DEFAULT-VALUE}.")
    private Double epsilon;

    @Option(
            names = "--steps",
            paramLabel = "K",
            defaultValue = "4",
            description = "Steps of pgd and trades. Default: ${DEFAULT-VALUE}.")
    private int steps;

    @Option(
            names = "--step-size",
            paramLabel = "A",
            description =
                    "Length of a step. Default: 1/255 for pgd and trades with epsilon 0.031 in linf, else 2.5 epsilon / steps;"
                            + " 1.25 epsilon for fgsm-rs.")
    private @Nullable Double stepSize;

    @Option(
            names = "--restarts",
            paramLabel = "R",
            defaultValue = "1",
            description = "Starts of pgd, of which the worst counts. Default: ${DEFAULT-VALUE}.")
    private int restarts;

    @Option(
            names = "--random-start",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether pgd starts at random in the ball. Default: ${DEFAULT-VALUE}.")
    private boolean randomStart;

    @Option(
            names = "--attack-precision",
            paramLabel = "FORMAT",
            defaultValue = "float32",
            completionCandidates = Choices.Precisions.class,
            description =
                    "${COMPLETION-CANDIDATES}: bf16, and on CUDA tf32, round the operands of the attack's products,"
                            + " and nothing else, for speed. Default: ${DEFAULT-VALUE}.")
    private Precision precision;

    void check() {
        Require.atLeast("--beta", beta, 0);
        Require.within("--clean-share", cleanShare, 0, 1);
        Require.epsilon(norm, epsilon);
        Require.atLeast("--epsilon-warmup", epsilonWarmup, 0);
        Require.atLeast("--steps", steps, 1);
        Require.within("--replays", replays, 1, 1000);
        Require.within("--restarts", restarts, 1, 65535);
        if (stepSize != null) {
            Require.above("--step-size", stepSize, 0);
        }
        if (method == Method.FREE && norm == Norm.L1) {
            throw new UsageException("--norm is l1 with --method free: choose linf or l2");
        }
    }

    /** Refuses options that were given and would change nothing. */
    void checkUsed(Collection<String> given) {
        Set<String> unused = new TreeSet<>();
        if (method != Method.PGD) {
            unused.addAll(List.of("--restarts", "--random-start"));
        }
        if (method == Method.TRADES) {
            unused.addAll(List.of("--clean-share", "--loss"));
        } else {
            unused.add("--beta");
        }
        if (method != Method.PGD && method != Method.TRADES) {
            unused.add("--steps");
        }
        if (method == Method.FGSM || method == Method.STANDARD || method == Method.FREE) {
            unused.add("--step-size");
        }
        if (method == Method.FREE) {
            unused.addAll(List.of("--clean-share", "--attack-precision"));
        } else {
            unused.add("--replays");
        }
        if (method == Method.STANDARD) {
            unused.addAll(List.of("--clean-share", "--attack-precision", "--epsilon-warmup", "--early-stop"));
        }
        unused.retainAll(given);
        if (!unused.isEmpty()) {
            throw new UsageException(String.join(", ", unused) + " would change nothing with --method " + method
                    + ": leave it out, or choose --method "
                    + (unused.contains("--beta") ? "trades" : unused.contains("--replays") ? "free" : "pgd"));
        }
    }

    /** The attack that training defends against; null for standard training. */
    @Nullable
    Attack attack() {
        return switch (method) {
            case STANDARD -> null;
            case FGSM, FREE ->
                Choices.AttackName.FGSM.of(norm, epsilon).precision(precision).build();
            case FGSM_RS -> {
                Pgd.Builder attack = FgsmRs.of(norm, epsilon).precision(precision);
                yield stepSize == null
                        ? attack.build()
                        : attack.stepSize(stepSize).build();
            }
            case PGD, TRADES -> pgd().build();
        };
    }

    /** Settings of the method, which are to be completed; of standard training where there is no attack. */
    Training training(@Nullable Attack attack) {
        if (attack == null) {
            return Training.standard();
        }
        Training training = switch (method) {
            case TRADES -> Training.trades(pgd().build(), beta);
            case FREE -> Training.free(attack.threat(), replays);
            default -> AdversarialTraining.with(attack).cleanShare(cleanShare);
        };
        boolean stops = earlyStop == null ? method == Method.FGSM_RS : earlyStop;
        return training.epsilonWarmup(epsilonWarmup).stopOnOverfitting(stops);
    }

    private Pgd.Builder pgd() {
        Pgd.Builder attack = Pgd.of(norm, epsilon)
                .steps(steps)
                .restarts(restarts)
                .randomStart(randomStart)
                .precision(precision);
        if (stepSize != null) {
            return attack.stepSize(stepSize);
        }
        return isPaperThreat() ? attack.stepSize(1 / 255.0) : attack;
    }

    /** L-inf within 0.031, whose steps are whole grey levels. */
    boolean isPaperThreat() {
        return norm == Norm.LINF && epsilon == PAPER_EPSILON;
    }

    Precision precision() {
        return precision;
    }

    Method method() {
        return method;
    }

    Norm norm() {
        return norm;
    }

    double epsilon() {
        return epsilon;
    }
}
