package org.saddlepoint.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Apgd;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.AutoAttack;
import org.saddlepoint.attack.CarliniWagner;
import org.saddlepoint.attack.Ensemble;
import org.saddlepoint.attack.Fab;
import org.saddlepoint.attack.HopSkipJump;
import org.saddlepoint.attack.Iterate;
import org.saddlepoint.attack.MiFgsm;
import org.saddlepoint.attack.Nes;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.attack.Square;
import org.saddlepoint.cli.Choices.AttackName;
import org.saddlepoint.threat.Norm;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Which attacks, and how they go about it. */
final class AttackOptionGroup {
    @Option(
            names = "--attack",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "pgd",
            description = "${COMPLETION-CANDIDATES}; evaluate takes a list. Default: ${DEFAULT-VALUE}.")
    private List<AttackName> attacks;

    @Option(
            names = "--norm",
            paramLabel = "NORM",
            completionCandidates = Choices.Norms.class,
            description = "Norm of perturbations: ${COMPLETION-CANDIDATES}. Default: that of the model's training.")
    private @Nullable Norm norm;

    @Option(
            names = "--epsilon",
            paramLabel = "E",
            split = ",",
            description = "Radius of perturbations, such as 0.031 or 8/255; evaluate takes a list."
                    + " Default: that of the model's training.")
    private @Nullable List<Double> epsilons;

    @Option(
            names = "--steps",
            paramLabel = "K",
            defaultValue = "20",
            description = "Steps of bim, pgd and mi-fgsm. Default: ${DEFAULT-VALUE}.")
    private int steps;

    @Option(
            names = "--step-size",
            paramLabel = "A",
            description =
                    "Length of a step of bim, pgd and mi-fgsm. Default: 2.5 epsilon / steps; of mi-fgsm, epsilon / steps.")
    private @Nullable Double stepSize;

    @Option(
            names = "--restarts",
            paramLabel = "R",
            defaultValue = "1",
            description = "Starts of pgd and apgd, of which the worst counts. Default: ${DEFAULT-VALUE}.")
    private int restarts;

    @Option(
            names = "--random-start",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether pgd starts at random in the ball. Default: ${DEFAULT-VALUE}.")
    private boolean randomStart;

    @Option(
            names = "--iterate",
            paramLabel = "WHICH",
            defaultValue = "any",
            completionCandidates = Choices.Iterates.class,
            description =
                    "Which iterate of bim and pgd counts, ${COMPLETION-CANDIDATES}: as papers report it, or the worst."
                            + " Default: ${DEFAULT-VALUE}.")
    private Iterate iterate;

    @Option(
            names = "--queries",
            paramLabel = "Q",
            defaultValue = "5000",
            description = "Forward passes of square, nes and hop-skip-jump, an example. Default: ${DEFAULT-VALUE}.")
    private int queries;

    @Option(
            names = "--targeted",
            paramLabel = "CLASS",
            description = "Success is to be classified as CLASS, not just wrongly.")
    private @Nullable Integer target;

    /** Checks the options; a radius that is not given must be in the model's metadata. */
    void check(VictimOptions.Victim victim) {
        Map<String, String> metadata = victim.contents().metadata();
        Optional<Norm> trained = ModelMetadata.norm(metadata, victim.file());
        if (norm == null) {
            norm = trained.orElseThrow(() -> missing("--norm", victim, "linf"));
        }
        if (epsilons == null && trained.isPresent() && trained.get() != norm) {
            throw new UsageException("--epsilon is missing: the model was trained in "
                    + trained.get().label() + ", and a radius in " + norm.label() + " is another measure; give it");
        }
        if (epsilons == null) {
            epsilons = List.of(ModelMetadata.epsilon(metadata, victim.file())
                    .orElseThrow(() -> missing("--epsilon", victim, "8/255")));
        }
        if (epsilons.isEmpty()) {
            throw new UsageException("--epsilon holds no number: give one or more, such as 0.031,0.1");
        }
        for (double epsilon : epsilons) {
            Require.atLeast("--epsilon", epsilon, 0);
        }
        Require.atLeast("--steps", steps, 1);
        Require.within("--restarts", restarts, 1, 65535);
        Require.atLeast("--queries", queries, 1);
        checkNorm();
        if (stepSize != null) {
            Require.above("--step-size", stepSize, 0);
        }
        if (target != null) {
            Require.within("--targeted", target, 0, victim.contents().model().classes() - 1);
        }
    }

    /** Refuses what attacks other than PGD's family do not do. */
    private void checkNorm() {
        for (AttackName name : attacks) {
            if (name == AttackName.CW && norm() != Norm.L2) {
                throw new UsageException("--norm is " + norm().label() + ": cw is there for l2");
            }
            if (!name.isPgd() && norm() == Norm.L1) {
                throw new UsageException("--norm is l1: " + name + " is there for linf and l2");
            }
            if (!name.takes("--targeted") && target != null) {
                throw new UsageException("--targeted is " + target + ": " + name + " has no form that seeks one class;"
                        + " pgd, bim, fgsm, mi-fgsm, cw and nes have");
            }
        }
    }

    private static UsageException missing(String option, VictimOptions.Victim victim, String example) {
        return new UsageException(
                option + " is missing, and " + victim.file() + " does not say it: give it, such as " + example);
    }

    /** Refuses lists. */
    void requireOne() {
        if (attacks.contains(AttackName.AUTOATTACK)) {
            throw new UsageException(
                    "--attack is autoattack, which is several attacks: 'saddlepoint evaluate' runs them");
        }
        if (attacks.size() != 1) {
            throw new UsageException("--attack is " + attacks + ": give one; 'saddlepoint evaluate' takes a list");
        }
        if (epsilons != null && epsilons.size() != 1) {
            throw new UsageException("--epsilon is " + epsilons + ": give one; 'saddlepoint evaluate' takes a list");
        }
    }

    /** Says which of the options that were given have no effect. */
    void noteUnused(List<OptionSpec> given, CommonOptions common) {
        for (OptionSpec option : given) {
            if (attacks.stream().noneMatch(name -> name.takes(option.longestName()))) {
                common.note("note: " + option.longestName() + " has no effect on " + attacks);
            }
        }
    }

    /**
     * The attacks at all radii.
     *
     * @param shape of an example of the data
     */
    List<Ensemble> build(int[] shape) {
        List<Ensemble> built = new ArrayList<>();
        for (double epsilon : epsilons()) {
            for (AttackName name : attacks) {
                if (name == AttackName.AUTOATTACK) {
                    built.add(autoAttack(epsilon, shape));
                } else {
                    Attack attack = build(name, epsilon, shape);
                    built.add(new Ensemble(attack.name(), List.of(attack)));
                }
            }
        }
        return built;
    }

    /** The one attack; {@link #requireOne} has seen to that. */
    Attack buildOne(int[] shape) {
        return build(attacks.getFirst(), epsilons().getFirst(), shape);
    }

    private Ensemble autoAttack(double epsilon, int[] shape) {
        return shape.length == 3
                ? AutoAttack.standard(norm(), epsilon, shape[0], shape[1], shape[2])
                : AutoAttack.standard(norm(), epsilon);
    }

    private Attack build(AttackName name, double epsilon, int[] shape) {
        return switch (name) {
            case MI_FGSM -> miFgsm(epsilon);
            case APGD_CE -> Apgd.of(norm(), epsilon).restarts(restarts).build();
            case APGD_T ->
                Apgd.of(norm(), epsilon).targets(9).restarts(restarts).build();
            case FAB_T -> Fab.of(norm(), epsilon).build();
            case CW ->
                CarliniWagner.l2(epsilon)
                        .targeted(target != null)
                        .minimal(false)
                        .build();
            case SQUARE -> square(epsilon, shape);
            case HOP_SKIP_JUMP ->
                HopSkipJump.of(norm(), epsilon).queries(queries).build();
            case NES ->
                Nes.of(norm(), epsilon)
                        .queries(queries)
                        .targeted(target != null)
                        .build();
            default -> pgd(name, epsilon);
        };
    }

    private MiFgsm miFgsm(double epsilon) {
        MiFgsm.Builder attack = MiFgsm.of(norm(), epsilon).steps(steps).targeted(target != null);
        return (stepSize == null ? attack : attack.stepSize(stepSize)).build();
    }

    private Square square(double epsilon, int[] shape) {
        Square.Builder attack = Square.of(norm(), epsilon).queries(queries);
        return (shape.length == 3 ? attack.shape(shape[0], shape[1], shape[2]) : attack).build();
    }

    private Pgd pgd(AttackName name, double epsilon) {
        Pgd.Builder attack = name.of(norm(), epsilon).targeted(target != null);
        if (name.takes("--steps")) {
            attack.steps(steps).iterate(iterate);
            if (stepSize != null) {
                attack.stepSize(stepSize);
            }
        }
        if (name == AttackName.PGD) {
            attack.restarts(restarts).randomStart(randomStart);
        }
        return attack.build();
    }

    Norm norm() {
        return Objects.requireNonNull(norm);
    }

    List<Double> epsilons() {
        return Objects.requireNonNull(epsilons);
    }

    /** The target class, or -1. */
    int target() {
        return target == null ? -1 : target;
    }
}
