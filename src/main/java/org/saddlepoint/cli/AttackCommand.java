package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.AttackOptions;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.data.Split;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Knowledge;
import org.saddlepoint.report.AttackPicture;
import org.saddlepoint.report.Meter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code saddlepoint attack}. */
@Command(
        name = "attack",
        description = {
            "Makes adversarial examples of the test part of a data set, as arrays or as a picture.",
            "",
            "--out writes a NumPy archive with x, x_adv (float32), y, label_before, label_after (int32), success (bool),"
                    + " linf, l2, l1 (float32)."
        },
        abbreviateSynopsis = true,
        sortOptions = false,
        parameterListHeading = "%n",
        optionListHeading = "%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  saddlepoint attack run --out adv.npz                        PGD-20 at the training's epsilon",
            "  saddlepoint attack run --limit 200 --png attack.png         what fools the model, to look at",
            "  saddlepoint attack run --attack fgsm --epsilon 8/255 --out fgsm.npz",
            "  saddlepoint attack run --targeted 3 --epsilon 0.2 --steps 40 --png threes.png"
        })
final class AttackCommand implements Callable<Integer> {
    @Mixin
    private VictimOptions victimOptions;

    @Mixin
    private AttackOptionGroup attacks;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the examples as a NumPy archive (.npz).")
    private @Nullable Path out;

    @Option(
            names = "--png",
            paramLabel = "FILE",
            description = "Draw originals, perturbations and adversarial images with the classes that the model sees.")
    private @Nullable Path png;

    @Mixin
    private DeviceOptionGroup deviceOptions;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        deviceOptions.check();
        attacks.requireOne();
        try (VictimOptions.Victim victim = victimOptions.check(deviceOptions.threads())) {
            attack(victim);
        }
        return 0;
    }

    /** By its ending, too: a slip of the hand does not overwrite the model. */
    private static void requireFile(String option, Path file, String ending) {
        RunDirectory.requireWritableFile(option, file);
        if (!file.toString().toLowerCase(Locale.ROOT).endsWith(ending)) {
            throw new UsageException(option + " is '" + file + "': its name must end in " + ending);
        }
    }

    private void attack(VictimOptions.Victim victim) throws IOException {
        attacks.check(victim);
        if (out != null) {
            requireFile("--out", out, ".npz");
        }
        if (png != null) {
            requireFile("--png", png, ".png");
        }
        if (png != null && !AttackPicture.canDraw(victim.shape())) {
            throw new UsageException("--png needs images of 1 or 3 channels, but " + victim.data()
                    + " has examples of shape " + java.util.Arrays.toString(victim.shape()));
        }
        attacks.noteUnused(spec.commandLine().getParseResult().matchedOptions(), common);
        if (out == null && png == null) {
            common.note("note: nothing is kept without --out FILE.npz or --png FILE.png");
        }
        try (Meter meter = common.meter();
                Device device = deviceOptions.open()) {
            Split split = victimOptions.load(victim, meter);
            Dataset data = split.test();
            attacks.requireAttackable(data);
            AdversarialSet set;
            Attack attack;
            OptionalInt asked;
            try (Subject.OnDevice subject = victim.on(device);
                    SubstituteOptions substitute = attacks.fit(subject.victim(), split.train(), victimOptions.seed())) {
                attack = attacks.buildOne(victim.shape());
                asked = substitute.asked();
                AttackOptions options =
                        AttackOptions.DEFAULT.withSeed(victimOptions.seed()).withBatchSize(victimOptions.batchSize());
                if (subject.victim().knowledge() != Knowledge.GRADIENTS) {
                    options = options.withQueries(attacks.queries());
                }
                set = AdversarialSet.make(subject.victim(), attack, data, attacks.target(), options, meter);
            }
            meter.end();
            if (out != null) {
                set.writeNpz(out);
            }
            if (png != null) {
                set.picture().write(png);
            }
            AttackReport report = new AttackReport(
                    set, attack, attacks.epsilons().getFirst(), victimOptions.seed(), device, out, png);
            deviceOptions.say(common, device);
            Map<String, Object> json = report.json();
            asked.ifPresent(queries -> json.put("substitute_queries", queries));
            common.result(json, report.text());
        }
    }
}
