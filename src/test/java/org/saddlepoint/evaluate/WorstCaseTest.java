package org.saddlepoint.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.dense;

import org.junit.jupiter.api.Test;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.data.Datasets;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.train.Training;

class WorstCaseTest {
    @Test
    void anAttackOfAnotherNormAtALargerRadiusHidesNone() throws Exception {
        Dataset test = Datasets.mnistSample().test().limit(200);
        Attack strong = Pgd.linf(0.2).steps(10).build();
        Attack weak = Pgd.l2(0.3).steps(1).build();
        try (Device device = Device.best();
                Classifier classifier = Training.standard()
                        .epochs(1)
                        .fit(
                                Model.sequential(dense(784, 10)),
                                Datasets.mnistSample().train(),
                                device)) {
            double alone =
                    Evaluation.of(classifier).against(strong).on(test).robust().value();
            double both = Evaluation.of(classifier)
                    .against(strong, weak)
                    .on(test)
                    .robust()
                    .value();
            assertThat(both).isLessThanOrEqualTo(alone);
        }
    }
}
