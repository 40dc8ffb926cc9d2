package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.data.Split;
import org.saddlepoint.device.Device;
import org.saddlepoint.evaluate.Checklist;
import org.saddlepoint.evaluate.Evaluation;
import org.saddlepoint.evaluate.Robustness;
import org.saddlepoint.model.Knowledge;
import org.saddlepoint.report.Meter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code saddlepoint evaluate}. */
@Command(
        name = "evaluate",
        description = {
            "Measures clean and robust accuracy on the test part of a data set.",
            "",
            "An example counts as robust if it is classified correctly as it is and after every attack."
        },
        abbreviateSynopsis = true,
        sortOptions = false,
        parameterListHeading = "%n",
        optionListHeading = "%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  saddlepoint evaluate run                                        PGD-20 at the training's epsilon",
            "  saddlepoint evaluate run --attack fgsm,pgd --restarts 5         the worst case of two attacks",
            "  saddlepoint evaluate run --epsilon 0.01,0.03,0.1                robust accuracy against epsilon",
            "  saddlepoint evaluate run --attack autoattack --state aa.state   the judge; goes on after a kill",
            "  saddlepoint evaluate any.onnx --black-box logits --queries 1000 --data mnist --norm linf --epsilon 0.1",
            "  saddlepoint evaluate model.safetensors --data fashion-mnist --norm l2 --epsilon 0.5 --limit 1000"
        })
final class EvaluateCommand implements Callable<Integer> {
    @Mixin
    private VictimOptions victimOptions;

    @Mixin
    private AttackOptionGroup attacks;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description = "Keeps what each attack left standing in FILE; the same command goes on from there.")
    private @Nullable Path state;

    @Mixin
    private DeviceOptionGroup deviceOptions;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        deviceOptions.check();
        try (VictimOptions.Victim victim = victimOptions.check(deviceOptions.threads())) {
            evaluate(victim);
        }
        return 0;
    }

    private void evaluate(VictimOptions.Victim victim) throws IOException {
        attacks.check(victim);
        if (state != null) {
            RunDirectory.requireWritableFile("--state", state);
        }
        attacks.noteUnused(spec.commandLine().getParseResult().matchedOptions(), common);
        try (Meter meter = common.meter();
                Device device = deviceOptions.open()) {
            Split split = victimOptions.load(victim, meter);
            Dataset data = split.test();
            attacks.requireAttackable(data);
            try (Subject.OnDevice subject = victim.on(device);
                    SubstituteOptions substitute = attacks.fit(subject.victim(), split.train(), victimOptions.seed())) {
                Evaluation evaluation = Evaluation.of(subject.victim())
                        .target(attacks.target())
                        .seed(victimOptions.seed())
                        .batchSize(victimOptions.batchSize())
                        .onProgress(new EvaluationProgress(meter));
                attacks.build(victim.shape()).forEach(evaluation::against);
                if (subject.victim().knowledge() != Knowledge.GRADIENTS) {
                    evaluation.queries(attacks.queries());
                }
                if (state != null) {
                    evaluation.state(state);
                }
                Robustness robustness = evaluation.on(data);
                List<Checklist.Finding> checks = Checklist.of(subject.victim(), data, robustness);
                meter.end();
                EvaluationReport report = new EvaluationReport(
                        robustness,
                        checks,
                        attacks.norm(),
                        attacks.epsilons(),
                        victim.data(),
                        data.classNames(),
                        device);
                deviceOptions.say(common, device);
                Map<String, Object> json = report.json();
                substitute.asked().ifPresent(queries -> json.put("substitute_queries", queries));
                common.result(json, report.text());
            }
        }
    }
}
