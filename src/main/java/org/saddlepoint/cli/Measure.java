package org.saddlepoint.cli;

import org.saddlepoint.attack.Iterate;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.evaluate.Evaluation;
import org.saddlepoint.evaluate.Robustness;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.report.Meter;
import org.saddlepoint.threat.Norm;

/**
 * How training runs are measured: PGD-20 at the training's epsilon from a random start, with short and with double steps.
 *
 * @param norm of the threat model
 * @param epsilon its radius
 * @param greyLevels whether steps are 1/255 and 2/255; else they are epsilon/8 and epsilon/4
 * @param seed of random starts
 */
record Measure(Norm norm, double epsilon, boolean greyLevels, long seed) {
    private Pgd.Builder pgd20(int multiple) {
        Pgd.Builder attack = Pgd.of(norm, epsilon).name("pgd-20").steps(20);
        return greyLevels ? attack.stepSize(multiple / 255.0) : attack.relativeStepSize(multiple / 8.0);
    }

    /** Clean accuracy, and robust accuracy against any iterate with either step, the worse for each example. */
    Robustness worst(Classifier classifier, Dataset data, Meter meter) {
        return on(classifier, data, meter, pgd20(1).build(), pgd20(2).build());
    }

    /** Clean accuracy, and robust accuracy against the last iterate with short steps, as papers report it. */
    Robustness lastIterate(Classifier classifier, Dataset data, Meter meter) {
        return on(classifier, data, meter, pgd20(1).iterate(Iterate.LAST).build());
    }

    /** The figures of an epoch: any iterate with short steps. */
    Robustness brief(Classifier classifier, Dataset data) {
        return Evaluation.of(classifier).seed(seed).against(pgd20(1).build()).on(data);
    }

    private Robustness on(Classifier classifier, Dataset data, Meter meter, Pgd... attacks) {
        return Evaluation.of(classifier)
                .seed(seed)
                .against(attacks)
                .onProgress(new EvaluationProgress(meter))
                .on(data);
    }

    /** What robust accuracy means, for readers. */
    String description() {
        return "PGD-20 within " + norm.label() + " " + epsilon + ", "
                + (greyLevels ? "steps of 1/255 and of 2/255" : "steps of epsilon/8 and of epsilon/4")
                + ", random start, any iterate; the worst case for each example";
    }
}
