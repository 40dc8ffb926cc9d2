package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.device.DeviceOptions;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.train.AdversarialTraining;
import org.saddlepoint.train.Training;

/** The opt-in provider of dense products: the same mathematics through another library. */
@Tag("cuda")
class CublasProviderTest {
    private static final CudaSwitches NONE = new CudaSwitches(false, false, false);

    private static CudaDevice open() {
        CudaHardware hardware = Emulated.hardware();
        try {
            return new CudaDevice(hardware, new DeviceOptions(0, CublasProducts.NAME), NONE);
        } catch (IllegalArgumentException e) {
            return Assumptions.abort("cuBLAS cannot be tested here: " + e.getMessage());
        }
    }

    @Test
    void itTrainsToWhatOurProductsTrainTo() {
        Model model = Model.sequential(dense(Blobs.FEATURES, 24), relu(), dense(24, Blobs.CLASSES));
        Training training = AdversarialTraining.with(Pgd.linf(0.1).steps(3).build())
                .batchSize(32)
                .epochs(2);
        float[] expected;
        try (CudaDevice own = Emulated.open();
                Classifier classifier = training.fit(model, Blobs.bytes(70, 1), own)) {
            expected = classifier.parameters();
        }
        try (CudaDevice device = open();
                Classifier classifier = training.fit(model, Blobs.bytes(70, 1), device)) {
            float[] parameters = classifier.parameters();
            for (int i = 0; i < expected.length; i++) {
                assertThat(parameters[i]).isCloseTo(expected[i], Offset.offset(1e-3f));
            }
            // Recorded as well: cuBLAS works on the stream that is captured.
            assertThat(device.counters()).containsEntry("graph_launches", 6L);
        }
    }

    @Test
    void resultsAreMarked() {
        try (CudaDevice device = open()) {
            assertThat(device.properties())
                    .hasEntrySatisfying("provider", name -> assertThat(name).startsWith("cublas 12."))
                    .containsEntry("repeatable", "at one batch size alone");
        }
        try (CudaDevice device = Emulated.open()) {
            assertThat(device.properties()).containsEntry("provider", "own").doesNotContainKey("repeatable");
        }
    }

    @Test
    void anotherProviderIsRefused() {
        CudaHardware hardware = Emulated.hardware();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CudaDevice(hardware, new DeviceOptions(0, "mkl"), NONE))
                .withMessage("a CUDA device has no provider 'mkl': choose own, cublas or cudnn");
    }
}
