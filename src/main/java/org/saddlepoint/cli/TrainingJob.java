package org.saddlepoint.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.evaluate.Robustness;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.ModelFiles;
import org.saddlepoint.report.Figures;
import org.saddlepoint.report.MetricsFile;
import org.saddlepoint.train.Checkpoint;
import org.saddlepoint.train.EpochListener;
import org.saddlepoint.train.EpochReport;
import org.saddlepoint.train.Overfitting;
import org.saddlepoint.train.ProgressListener.Progress;
import org.saddlepoint.train.Training;

/** One training into one directory: after each epoch model, checkpoint and metrics are there, whole. */
final class TrainingJob implements EpochListener {
    private final RunContext context;
    private final String name;
    private final RunDirectory directory;
    private final Map<String, String> metadata;
    private final MetricsFile metrics;
    private final boolean resumed;
    private @Nullable Robustness watched;
    private @Nullable Overfitting overfitting;
    private double bestScore = Double.NEGATIVE_INFINITY;
    private int begun;
    private long started;

    /**
     * A training.
     *
     * @param context what it shares with others
     * @param name of the method
     * @param directory where it goes
     * @param metadata of its model file
     * @param resumed whether it goes on from the directory's checkpoint, if there is one
     */
    TrainingJob(
            RunContext context, String name, RunDirectory directory, Map<String, String> metadata, boolean resumed) {
        this.context = context;
        this.resumed = resumed;
        this.name = name;
        this.directory = directory;
        this.metadata = metadata;
        this.metrics = new MetricsFile(directory.metrics());
    }

    /** Trains, a resumed run from its checkpoint on, and leaves the model in the directory. */
    Classifier run(Training training) throws IOException {
        if (resumed && Files.exists(directory.checkpoint())) {
            Checkpoint checkpoint = Checkpoint.read(directory.checkpoint());
            metrics.keep(checkpoint.epoch());
            bestScore = checkpoint.bestScore();
            training.resume(checkpoint);
            context.interruption().saved("epoch " + checkpoint.epoch() + " (" + name + ")");
            context.meter().say(name + ": " + checkpoint.epoch() + " of " + context.epochs() + " epochs are done");
        }
        if (context.data().heldOut()) {
            training.keepBest(this::score);
        }
        training.onEpoch(this).onBatch(this::batchDone);
        Classifier trained = training.fit(context.model(), context.data().train(), context.device());
        try {
            context.interruption().whole(() -> save(trained));
            return trained;
        } catch (IOException | RuntimeException e) {
            trained.close();
            throw e;
        }
    }

    private double score(Classifier classifier) {
        Robustness robustness =
                context.measure().brief(classifier, context.data().watched());
        watched = robustness;
        return robustness.robust().value();
    }

    private void batchDone(Progress progress) {
        if (progress.epoch() != begun) {
            begun = progress.epoch();
            started = System.nanoTime();
            context.meter().begin(name + " epoch " + begun + "/" + context.epochs(), progress.samples());
        }
        context.meter().at(progress.done(), () -> details(progress));
    }

    /** Short: the bar shares a line of 80 with it. */
    private String details(Progress progress) {
        String rate = Figures.count(progress.done() / ((System.nanoTime() - started) * 1e-9)) + "/s";
        double loss = progress.loss();
        return Double.isNaN(loss)
                ? rate
                : String.format(Locale.ROOT, "loss %.4f, %s, %s", loss, Figures.percent(progress.accuracy()), rate);
    }

    @Override
    public void stopped(Overfitting why) {
        overfitting = why;
        context.meter().say(name + " " + TrainReport.line(why, context));
    }

    @Override
    public void epochDone(EpochReport report) {
        if (!context.data().heldOut()) {
            score(report.classifier());
        }
        Robustness figures = Objects.requireNonNull(watched);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("epoch", report.epoch());
        line.put("loss", report.loss());
        line.put("accuracy", report.accuracy());
        line.put("learning_rate", report.learningRate());
        line.put("seconds", report.seconds());
        line.put("samples", report.samples());
        line.put("measured_on", context.data().heldOut() ? "validation" : "test");
        line.put("clean_accuracy", figures.clean().value());
        line.put("robust_accuracy", figures.robust().value());
        if (!context.data().heldOut() && !Double.isNaN(report.score())) {
            line.put("pgd5_training_accuracy", report.score());
        }
        try {
            context.interruption().whole(() -> {
                metrics.add(line, report.seconds(), report.samples());
                report.checkpoint().get().write(directory.checkpoint());
                // Held-out data choose the epoch: then the model on disk is the best so far, as it will be at the end.
                if (!context.data().heldOut() || report.score() > bestScore) {
                    bestScore = report.score();
                    save(report.classifier());
                }
                // Before an interruption that waits may go on: its message is of what is on disk.
                context.interruption().saved("epoch " + report.epoch() + " of " + report.epochs() + " (" + name + ")");
            });
        } catch (IOException e) {
            throw new UncheckedIOException(RunDirectory.unwritable(directory.path(), e));
        }
        context.meter()
                .say(String.format(
                        Locale.ROOT,
                        "%s epoch %d/%d: loss %.4f, accuracy %s in training; clean %s, robust %s on %s %s examples; %s samples/s",
                        name,
                        report.epoch(),
                        report.epochs(),
                        report.loss(),
                        Figures.percent(report.accuracy()),
                        Figures.percent(figures.clean().value()),
                        Figures.percent(figures.robust().value()),
                        Figures.count(context.data().watched().size()),
                        context.data().heldOut() ? "held-out" : "test",
                        Figures.count(report.samples() / report.seconds())));
    }

    private void save(Classifier classifier) throws IOException {
        ModelFiles.save(classifier, metadata, directory.model());
    }

    /** Why it stopped before its last epoch, or null. */
    @Nullable
    Overfitting overfitting() {
        return overfitting;
    }

    /** Time that training alone took. */
    double seconds() {
        return metrics.seconds();
    }

    /** Samples trained on. */
    long samples() {
        return metrics.samples();
    }
}
