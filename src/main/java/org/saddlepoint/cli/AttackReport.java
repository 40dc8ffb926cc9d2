package org.saddlepoint.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.device.Device;
import org.saddlepoint.evaluate.Robustness;
import org.saddlepoint.report.Figures;
import org.saddlepoint.report.TextTable;

/** What an attack came to. */
record AttackReport(
        AdversarialSet set,
        Attack attack,
        double epsilon,
        long seed,
        Device device,
        @Nullable Path out,
        @Nullable Path png) {
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("clean_accuracy", set.clean().value());
        json.put("clean_interval", Figures.interval(set.clean()));
        json.put("robust_accuracy", set.robust().value());
        json.put("robust_interval", Figures.interval(set.robust()));
        json.put("examples", set.data().size());
        json.put("successes", successes());
        json.put("attack", attack.name());
        json.put("description", attack.toString());
        json.put("epsilon", epsilon);
        json.put("norm", attack.threat().norm().label());
        if (set.target() >= 0) {
            json.put("target", set.target());
        }
        json.put("seed", seed);
        if (set.queries() != null) {
            json.put("queries", EvaluationReport.queries(Robustness.Queries.of(set.queries())));
        }
        DeviceReport.put(json, device);
        json.put("out", out == null ? null : out.toString());
        json.put("png", png == null ? null : png.toString());
        return json;
    }

    private int successes() {
        int count = 0;
        for (boolean one : set.success()) {
            count += one ? 1 : 0;
        }
        return count;
    }

    String text() {
        TextTable table = new TextTable("", "")
                .row("clean accuracy", Figures.percentWithInterval(set.clean()))
                .row("robust accuracy", Figures.percentWithInterval(set.robust()))
                .row(
                        set.target() < 0 ? "misclassified as attacked" : "classified as " + set.target(),
                        Figures.count(successes()) + " of "
                                + Figures.count(set.data().size()));
        if (set.queries() != null) {
            table.row("queries", EvaluationReport.text(Robustness.Queries.of(set.queries())));
        }
        StringBuilder text = new StringBuilder();
        text.append('\n')
                .append(table)
                .append('\n')
                .append(attack)
                .append("; seed ")
                .append(seed)
                .append(".\n");
        if (out != null) {
            text.append("Examples: ").append(out).append('\n');
        }
        if (png != null) {
            text.append("Picture: ").append(png).append('\n');
        }
        return text.toString();
    }
}
