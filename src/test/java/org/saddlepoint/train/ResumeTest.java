package org.saddlepoint.train;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.saddlepoint.model.Layers.dense;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.data.Datasets;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;

class ResumeTest {
    private final Model model = Model.sequential(dense(784, 10));

    @Test
    void aCheckpointThatDoesNotFitSaysWhy() throws Exception {
        Dataset data = Datasets.mnistSample().train().limit(64);
        AtomicReference<Checkpoint> last = new AtomicReference<>();
        try (Device device = Device.best()) {
            Training first = Training.standard().epochs(1).batchSize(32).seed(1);
            try (Classifier classifier =
                    first.onEpoch(report -> last.set(report.checkpoint().get())).fit(model, data, device)) {
                classifier.parameters();
            }
            Training otherSeed =
                    Training.standard().epochs(2).batchSize(32).seed(2).resume(last.get());
            assertThatThrownBy(() -> otherSeed.fit(model, data, device)).hasMessageContaining("seed");
            Training otherBatch =
                    Training.standard().epochs(2).batchSize(16).seed(1).resume(last.get());
            assertThatThrownBy(() -> otherBatch.fit(model, data, device)).hasMessageContaining("batch size");
        }
    }
}
