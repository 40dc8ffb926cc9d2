package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.data.Datasets;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.train.AdversarialTraining;

/** A training whose data set does not fit on the device. */
@Tag("cuda")
@Tag("emulated")
class StreamedTrainingTest {
    private static final int EPOCHS = 3;

    /** Parameters, and what went to the device. */
    @SuppressWarnings("ArrayRecordComponent") // a pair of results, never compared
    private record Trained(float[] parameters, long bytesToDevice, long leastFree) {}

    private static Trained train(Dataset data) {
        AtomicLong least = new AtomicLong(Long.MAX_VALUE);
        try (CudaDevice device = Emulated.open();
                Classifier classifier = AdversarialTraining.with(
                                Pgd.linf(0.1).steps(2).build())
                        .batchSize(8)
                        .epochs(EPOCHS)
                        .onBatch(progress ->
                                least.accumulateAndGet(device.freeMemory().orElseThrow(), Math::min))
                        .fit(Model.sequential(dense(784, 16), relu(), dense(16, 10)), data, device)) {
            return new Trained(
                    classifier.parameters(), device.driver().counters().bytesToDevice(), least.get());
        }
    }

    @Test
    void hasTheBitsOfOneWithTheDataOnTheDevice() throws IOException {
        Dataset data = Datasets.mnistSample().train().limit(1003); // the last batch has 3
        long size = 784L * data.size();
        long total = Emulated.hardware().memory();
        Trained resident = train(data);
        assertThat(resident.bytesToDevice).isLessThan(2 * size);
        // All but half of the data set.
        long memory = total - resident.leastFree - size / 2;
        AtomicLong moved = new AtomicLong();
        Emulated.with("EMU_MEMORY", memory, () -> {
            Trained streamed = train(data);
            moved.set(streamed.bytesToDevice);
            assertThat(streamed.parameters).isEqualTo(resident.parameters);
        });
        assertThat(moved.get()).isGreaterThan(EPOCHS * size);
    }
}
