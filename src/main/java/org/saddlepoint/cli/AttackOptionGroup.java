package org.saddlepoint.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
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
import org.saddlepoint.attack.Transfer;
import org.saddlepoint.cli.Choices.AttackName;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.model.Knowledge;
import org.saddlepoint.model.Victim;
import org.saddlepoint.threat.Norm;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Which attacks, and how they go about it. */
final class AttackOptionGroup {
    @Option(
            names = "--attack",
            paramLabel = "NAME",
            split = ",",
            description = "${COMPLETION-CANDIDATES}; evaluate takes a list. Default: pgd; of a black box that tells"
                    + " logits, square, and of one that tells labels, hop-skip-jump.")
    private @Nullable List<AttackName> attacks;

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
            description = "Steps of bim, pgd, mi-fgsm and transfer. Default: ${DEFAULT-VALUE}.")
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
            description =
                    "Forward passes of square, nes and hop-skip-jump, an example; of a black box, the questions that may"
                            + " be asked about each. Default: ${DEFAULT-VALUE}.")
    private int queries;

    @Option(
            names = "--targeted",
            paramLabel = "CLASS",
            description =
                    "Success is to be classified as CLASS, not just wrongly. Examples of that class are not attacked so,"
                            + " and count as robust where they are classified correctly.")
    private @Nullable Integer target;

    @Mixin
    private SubstituteOptions substitute;

    /** Checks the options; a radius that is not given must be in the model's metadata. */
    void check(VictimOptions.Victim victim) throws IOException {
        Map<String, String> metadata = victim.subject().metadata();
        if (attacks == null) {
            attacks = List.of(defaultAttack(victim.subject()));
        }
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
            Require.epsilon(norm, epsilon);
        }
        Require.atLeast("--steps", steps, 1);
        Require.within("--restarts", restarts, 1, 65535);
        Require.atLeast("--queries", queries, 1);
        checkNorm();
        if (stepSize != null) {
            Require.above("--step-size", stepSize, 0);
        }
        if (target != null) {
            Require.within("--targeted", target, 0, victim.subject().classes() - 1);
        }
        checkKnowledge(victim);
        if (names().contains(AttackName.TRANSFER)) {
            substitute.check(victim);
        }
    }

    private static AttackName defaultAttack(Subject subject) {
        return switch (subject.knowledge()) {
            case GRADIENTS -> AttackName.PGD;
            case LOGITS -> AttackName.SQUARE;
            case LABELS -> AttackName.HOP_SKIP_JUMP;
        };
    }

    /** Refuses attacks that must know more than a black box tells. */
    private void checkKnowledge(VictimOptions.Victim victim) {
        Knowledge known = victim.subject().knowledge();
        for (AttackName name : names()) {
            Knowledge needed = name == AttackName.TRANSFER ? Knowledge.LABELS : needs(name, victim.shape());
            if (!known.includes(needed)) {
                throw new UsageException("--attack is " + name + ", which needs " + needed + ", but --black-box is "
                        + known + ": choose " + (known == Knowledge.LOGITS ? "square, nes, " : "")
                        + "hop-skip-jump or transfer");
            }
        }
    }

    private Knowledge needs(AttackName name, int[] shape) {
        return name == AttackName.AUTOATTACK
                ? Knowledge.GRADIENTS
                : build(name, epsilons().getFirst(), shape).needs();
    }

    /** Fits a substitute where transfer wants one; to be closed after the attacks. */
    SubstituteOptions fit(Victim victim, Dataset train, long seed) {
        if (names().contains(AttackName.TRANSFER)) {
            substitute.fit(victim, train, seed);
        }
        return substitute;
    }

    /** Refuses data of which all examples are of the class that they are to be led to. */
    void requireAttackable(Dataset data) {
        int wanted = target();
        if (wanted >= 0 && Arrays.stream(data.labels()).allMatch(label -> label == wanted)) {
            throw new UsageException("--targeted is " + wanted + ": all " + data.size()
                    + " examples are of that class, and only those of other classes can be attacked so");
        }
    }

    /** Refuses what attacks other than PGD's family do not do. */
    private void checkNorm() {
        for (AttackName name : names()) {
            if (name == AttackName.CW && norm() != Norm.L2) {
                throw new UsageException("--norm is " + norm().label() + ": cw is there for l2");
            }
            if (!name.isPgd() && name != AttackName.TRANSFER && norm() == Norm.L1) {
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
        if (attacks != null && attacks.contains(AttackName.AUTOATTACK)) {
            throw new UsageException(
                    "--attack is autoattack, which is several attacks: 'saddlepoint evaluate' runs them");
        }
        if (attacks != null && attacks.size() != 1) {
            throw new UsageException("--attack is " + attacks + ": give one; 'saddlepoint evaluate' takes a list");
        }
        if (epsilons != null && epsilons.size() != 1) {
            throw new UsageException("--epsilon is " + epsilons + ": give one; 'saddlepoint evaluate' takes a list");
        }
    }

    /** Says which of the options that were given have no effect. */
    void noteUnused(List<OptionSpec> given, CommonOptions common) {
        for (OptionSpec option : given) {
            if (names().stream().noneMatch(name -> name.takes(option.longestName()))) {
                common.note("note: " + option.longestName() + " has no effect on " + names());
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
            for (AttackName name : names()) {
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
        return build(names().getFirst(), epsilons().getFirst(), shape);
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
            case TRANSFER -> new Transfer(substitute.classifier(), pgd(AttackName.PGD, epsilon));
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

    private List<AttackName> names() {
        return Objects.requireNonNull(attacks);
    }

    /** Questions that may be asked about each example of a black box. */
    int queries() {
        return queries;
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
