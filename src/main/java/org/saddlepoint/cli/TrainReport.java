package org.saddlepoint.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Device;
import org.saddlepoint.evaluate.Robustness;
import org.saddlepoint.report.Figures;
import org.saddlepoint.report.TextTable;
import org.saddlepoint.train.Overfitting;

/**
 * What a training came to.
 *
 * @param method standard, fgsm, fgsm-rs, pgd, free or trades
 * @param worst clean accuracy, and the worst case over the measure's attacks
 * @param last robust accuracy against the last iterate
 * @param seconds of training alone
 * @param samples trained on
 * @param overfitting why it stopped before its last epoch, or null
 */
record TrainReport(
        String method,
        Robustness worst,
        Robustness last,
        double seconds,
        long samples,
        @Nullable Overfitting overfitting) {
    private double samplesPerSecond() {
        return seconds > 0 ? samples / seconds : Double.NaN;
    }

    /** The figures of this training, by the names that scripts use. */
    Map<String, Object> json(RunContext run, RunDirectory directory) {
        Device device = run.device();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("clean_accuracy", worst.clean().value());
        json.put("clean_interval", Figures.interval(worst.clean()));
        json.put("robust_accuracy", worst.robust().value());
        json.put("robust_interval", Figures.interval(worst.robust()));
        json.put("pgd20_last_iterate", last.robust().value());
        json.put("pgd20_last_iterate_interval", Figures.interval(last.robust()));
        json.put("examples", worst.clean().total());
        json.put("epsilon", run.measure().epsilon());
        json.put("norm", run.measure().norm().label());
        json.put("method", method);
        json.put("model", run.modelName());
        json.put("parameters", run.model().parameterCount());
        json.put("epochs", run.epochs());
        if (overfitting != null) {
            json.put("stopped_after_epoch", overfitting.epoch());
            json.put("kept_epoch", overfitting.bestEpoch());
        }
        json.put("seconds", seconds);
        json.put("samples_per_second", samplesPerSecond());
        DeviceReport.put(json, device);
        json.put("attack_precision", run.precision().label());
        json.put("seed", run.measure().seed());
        json.put("out", directory.path().toString());
        return json;
    }

    /** Why a training stopped. */
    static String line(Overfitting why, RunContext run) {
        return "stopped after epoch " + why.epoch() + ": robust accuracy under "
                + (run.data().heldOut() ? "PGD-20 on held-out examples" : "PGD-5") + " fell from "
                + Figures.percent(why.bestScore()) + " to " + Figures.percent(why.score())
                + " (catastrophic overfitting); the weights of epoch " + why.bestEpoch() + " are kept";
    }

    /** Trainings side by side. */
    static String table(RunContext run, RunDirectory directory, List<TrainReport> reports) {
        List<List<String>> columns = new ArrayList<>();
        columns.add(
                List.of("", "clean accuracy", "robust accuracy", "PGD-20, last iterate", "training time", "samples/s"));
        for (TrainReport report : reports) {
            columns.add(List.of(
                    report.method,
                    Figures.percentWithInterval(report.worst.clean()),
                    Figures.percentWithInterval(report.worst.robust()),
                    Figures.percentWithInterval(report.last.robust()),
                    Figures.duration(report.seconds),
                    Figures.count(report.samplesPerSecond())));
        }
        TextTable table = new TextTable(row(columns, 0));
        for (int i = 1; i < columns.getFirst().size(); i++) {
            table.row(row(columns, i));
        }
        int examples = reports.getFirst().worst.clean().total();
        StringBuilder stops = new StringBuilder();
        for (TrainReport report : reports) {
            if (report.overfitting != null) {
                stops.append(report.method)
                        .append(' ')
                        .append(line(report.overfitting, run))
                        .append(".\n");
            }
        }
        return "\n" + table + "\n" + stops + "On " + Figures.count(examples)
                + " test examples, with 95 % confidence intervals.\n"
                + "Robust: " + run.measure().description() + ".\n"
                + "Model, metrics and configuration: " + directory.path() + "\n";
    }

    private static String[] row(List<List<String>> columns, int index) {
        return columns.stream().map(column -> column.get(index)).toArray(String[]::new);
    }
}
