package org.saddlepoint.cli;

import org.saddlepoint.evaluate.Evaluation;
import org.saddlepoint.report.Meter;

/** Shows how far an evaluation is. */
final class EvaluationProgress implements Evaluation.ProgressListener {
    private final Meter meter;
    private String current = "";
    private int last;

    EvaluationProgress(Meter meter) {
        this.meter = meter;
    }

    @Override
    public void examplesDone(String attack, int done, int total) {
        // The same attack begins anew at its next radius.
        if (!attack.equals(current) || done <= last) {
            current = attack;
            meter.begin("evaluating: " + attack, total);
        }
        last = done;
        meter.at(done, () -> "");
    }
}
