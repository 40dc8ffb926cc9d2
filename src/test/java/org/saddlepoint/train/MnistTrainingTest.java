package org.saddlepoint.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.relu;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Datasets;
import org.saddlepoint.data.Split;
import org.saddlepoint.device.Device;
import org.saddlepoint.evaluate.Evaluation;
import org.saddlepoint.evaluate.Robustness;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.Shape;

/** The library's own example on the real MNIST: fetched from the first source that answers. */
@Tag("exhaustive")
final class MnistTrainingTest {
    private static final double EPSILON = 0.031;

    /** The default configuration of the command line, seeds 1 to 3, on the full test set. */
    @Test
    void defaultConfigurationReachesItsFigures() throws IOException {
        Split mnist = Datasets.mnist();
        double total = 0;
        for (int seed = 1; seed <= 3; seed++) {
            Robustness robustness = trainAndEvaluate(mnist, seed);
            System.out.printf(
                    "seed %d: clean %.4f, robust %.4f%n",
                    seed, robustness.clean().value(), robustness.robust().value());
            assertThat(robustness.clean().value()).as("clean, seed %d", seed).isGreaterThanOrEqualTo(0.98);
            assertThat(robustness.robust().value()).as("robust, seed %d", seed).isGreaterThanOrEqualTo(0.93);
            total += robustness.robust().value();
        }
        assertThat(total / 3).isGreaterThanOrEqualTo(0.935);
    }

    private static Robustness trainAndEvaluate(Split mnist, long seed) {
        Pgd attack = Pgd.linf(EPSILON).steps(4).stepSize(1 / 255.0).build();
        Pgd judge = Pgd.linf(EPSILON).steps(20).stepSize(1 / 255.0).build();
        Pgd wider = judge.toBuilder().stepSize(2 / 255.0).build();
        try (Device device = Device.cpu(0);
                Classifier robust = AdversarialTraining.with(attack)
                        .seed(seed)
                        .fit(Model.mlp(Shape.of(1, 28, 28), List.of(128), relu(), 10), mnist.train(), device)) {
            return Evaluation.of(robust).clean().against(judge, wider).on(mnist.test());
        }
    }
}
