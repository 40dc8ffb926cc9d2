package org.saddlepoint.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.saddlepoint.device.Device;
import org.saddlepoint.evaluate.Accuracy;
import org.saddlepoint.evaluate.Checklist;
import org.saddlepoint.evaluate.Robustness;
import org.saddlepoint.report.Figures;
import org.saddlepoint.report.TextTable;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/**
 * What an evaluation shows.
 *
 * @param robustness what it found
 * @param checks whether it can be trusted
 * @param norm of all its attacks
 * @param epsilons the radii, as they were asked for
 * @param data name or path
 * @param classNames of the classes; empty where they are not known
 * @param device where it ran
 */
record EvaluationReport(
        Robustness robustness,
        List<Checklist.Finding> checks,
        Norm norm,
        List<Double> epsilons,
        String data,
        List<String> classNames,
        Device device) {
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("clean_accuracy", robustness.clean().value());
        json.put("clean_interval", Figures.interval(robustness.clean()));
        json.put("robust_accuracy", robustness.robust().value());
        json.put("robust_interval", Figures.interval(robustness.robust()));
        json.put("examples", robustness.clean().total());
        json.put("epsilon", largest());
        json.put("norm", norm.label());
        json.put("data", data);
        json.put("seed", robustness.seed());
        DeviceReport.put(json, device);
        List<Map<String, Object>> attacks = new ArrayList<>();
        for (Robustness.Outcome outcome : robustness.attacks()) {
            Map<String, Object> attack = new LinkedHashMap<>();
            attack.put("name", outcome.name());
            attack.put("epsilon", asked(outcome.threat().epsilon()));
            attack.put("ensemble", outcome.ensemble());
            attack.put("faced", outcome.faced());
            attack.put("survivors", outcome.survivors());
            attack.put("robust_accuracy", outcome.robust().value());
            attack.put("robust_interval", Figures.interval(outcome.robust()));
            attack.put("seconds", outcome.seconds());
            attack.put("zero_gradients", outcome.zeroGradients());
            if (outcome.queries() != null) {
                attack.put("queries", queries(outcome.queries()));
            }
            attack.put("description", outcome.description());
            attacks.add(attack);
        }
        json.put("attacks", attacks);
        json.put("beaten_by", robustness.beatenBy());
        json.put("checks", checks.stream().map(EvaluationReport::check).toList());
        json.put("per_class", perClass());
        return json;
    }

    static Map<String, Object> queries(Robustness.Queries queries) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("mean", queries.mean());
        json.put("median", queries.median());
        return json;
    }

    static String text(Robustness.Queries queries) {
        return "mean " + Figures.number(Math.rint(10 * queries.mean()) / 10) + ", median "
                + Figures.number(queries.median());
    }

    private static Map<String, Object> check(Checklist.Finding finding) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("check", finding.check());
        json.put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT));
        json.put("meaning", finding.meaning());
        return json;
    }

    private double largest() {
        return epsilons.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** A radius as it was asked for: the attack's own is the float32 at or below it. */
    private double asked(double radius) {
        return epsilons.stream()
                .filter(epsilon -> ThreatModel.of(norm, epsilon).epsilon() == radius)
                .findFirst()
                .orElse(radius);
    }

    private List<Map<String, Object>> perClass() {
        List<Map<String, Object>> classes = new ArrayList<>();
        for (int c = 0; c < robustness.cleanPerClass().size(); c++) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("class", c);
            if (c < classNames.size()) {
                one.put("name", classNames.get(c));
            }
            one.put("examples", robustness.cleanPerClass().get(c).total());
            one.put("clean_accuracy", robustness.cleanPerClass().get(c).value());
            one.put("robust_accuracy", robustness.robustPerClass().get(c).value());
            classes.add(one);
        }
        return classes;
    }

    String text() {
        StringBuilder out = new StringBuilder();
        out.append('\n').append(attackTable()).append('\n');
        if (robustness.curve().size() > 1) {
            out.append(curveTable()).append('\n');
        }
        out.append(classTable()).append('\n');
        for (Robustness.Outcome outcome : robustness.attacks()) {
            if (outcome.queries() != null) {
                out.append("Queries of ")
                        .append(outcome.name())
                        .append(" at epsilon ")
                        .append(Figures.number(asked(outcome.threat().epsilon())))
                        .append(", an example: ")
                        .append(text(outcome.queries()))
                        .append(".\n");
            }
        }
        out.append(Figures.count(robustness.clean().total()))
                .append(" test examples of ")
                .append(data)
                .append(", ")
                .append(norm.label())
                .append(", with 95 % confidence intervals; seed ")
                .append(robustness.seed())
                .append(", on ")
                .append(device.name())
                .append(".\n");
        out.append('\n');
        for (Checklist.Finding finding : checks) {
            if (finding.verdict() != Checklist.Verdict.NOT_CHECKED) {
                out.append(finding.verdict() == Checklist.Verdict.OK ? "ok       " : "WARNING  ")
                        .append(finding.check())
                        .append(": ")
                        .append(finding.meaning())
                        .append(".\n");
            }
        }
        return out.toString();
    }

    private TextTable attackTable() {
        TextTable table = new TextTable("attack", "epsilon", "accuracy", "time");
        table.row("clean", "0", Figures.percentWithInterval(robustness.clean()), "");
        for (Robustness.Outcome outcome : robustness.attacks()) {
            table.row(
                    outcome.ensemble().equals(outcome.name())
                            ? outcome.name()
                            : outcome.ensemble() + ": " + outcome.name(),
                    Figures.number(asked(outcome.threat().epsilon())),
                    Figures.percentWithInterval(outcome.robust()),
                    Figures.duration(outcome.seconds()));
        }
        return table.row("worst case", Figures.number(largest()), Figures.percentWithInterval(robustness.robust()), "");
    }

    private TextTable curveTable() {
        TextTable table = new TextTable("epsilon", "robust accuracy", "");
        for (Robustness.CurvePoint point : robustness.curve()) {
            String bar = "#".repeat((int) Math.round(40 * point.robust().value()));
            table.row(
                    Figures.number(asked(point.epsilon())),
                    Figures.percentWithInterval(point.robust()),
                    bar + " ".repeat(40 - bar.length()));
        }
        return table;
    }

    private TextTable classTable() {
        TextTable table = new TextTable("class", "examples", "clean accuracy", "robust accuracy");
        for (int c = 0; c < robustness.cleanPerClass().size(); c++) {
            Accuracy clean = robustness.cleanPerClass().get(c);
            if (clean.total() > 0) {
                table.row(
                        c < classNames.size() ? classNames.get(c) : String.valueOf(c),
                        Figures.count(clean.total()),
                        Figures.percentWithInterval(clean),
                        Figures.percentWithInterval(robustness.robustPerClass().get(c)));
            }
        }
        return table;
    }
}
