package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceException;
import org.saddlepoint.device.DeviceOptions;
import org.saddlepoint.device.Precision;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Layers;
import org.saddlepoint.model.Model;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.train.AdversarialTraining;

/** The architectures of the fat binary, each with its own shared memory: plans differ, bits do not. */
@Tag("cuda")
@Tag("emulated")
class ArchitecturesTest {
    /** Wide enough that its weights stay in the shared memory of some architectures, and stream in others. */
    private static final Model MODEL = Model.sequential(
            Layers.dense(784, 40), Layers.relu(), Layers.dense(40, 20), Layers.tanh(), Layers.dense(20, 4));

    private static final int N = 11;

    /** The emulated GPU as one of another architecture. */
    private static CudaHardware hardware(int capability) {
        CudaHardware here = Emulated.hardware();
        int major = capability / 10;
        int minor = capability % 10;
        return new CudaHardware(
                0,
                here.name(),
                major,
                minor,
                here.memory(),
                here.multiprocessors(),
                PgdMlpPlan.sharedBudget(major, minor),
                here.driverVersion());
    }

    private static List<float[]> outcome(int capability) {
        List<float[]> outcome = new ArrayList<>();
        Emulated.with("EMU_CC", capability, () -> {
            CudaSwitches switches = new CudaSwitches(false, false, false);
            try (CudaDevice device = new CudaDevice(hardware(capability), DeviceOptions.DEFAULT, switches)) {
                assertThat(device.properties()).containsEntry("level", "sm_" + capability);
                outcome.add(trained(device));
                for (Precision precision : Precision.values()) {
                    for (Norm norm : Norm.values()) {
                        outcome.add(attacked(device, norm, precision));
                    }
                }
            }
        });
        return outcome;
    }

    private static float[] trained(Device device) {
        Model model =
                Model.sequential(Layers.dense(Blobs.FEATURES, 24), Layers.relu(), Layers.dense(24, Blobs.CLASSES));
        Dataset data = Blobs.bytes(16, 1);
        try (Classifier classifier = AdversarialTraining.with(
                        Pgd.linf(0.1).steps(2).build())
                .batchSize(16)
                .epochs(1)
                .fit(model, data, device)) {
            return classifier.parameters();
        }
    }

    private static float[] attacked(CudaDevice device, Norm norm, Precision precision) {
        float[] x = new float[N * 784];
        for (int i = 0; i < x.length; i++) {
            x[i] = (i * 37 % 101) / 100f;
        }
        try (Classifier classifier = Classifier.initialize(MODEL, device, 1)) {
            return Pgd.of(norm, norm == Norm.LINF ? 0.1 : 2)
                    .steps(3)
                    .precision(precision)
                    .build()
                    .run(classifier, x, new int[N])
                    .adversarial();
        }
    }

    @Test
    void allHaveTheSameBits() {
        List<float[]> first = outcome(90);
        for (int capability : new int[] {80, 86, 89, 100, 120}) {
            List<float[]> other = outcome(capability);
            for (int i = 0; i < first.size(); i++) {
                assertThat(other.get(i)).as("sm_%d, outcome %d", capability, i).isEqualTo(first.get(i));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {80, 86, 89, 90, 100, 120})
    void theTableOfSharedMemoryIsTheDrivers(int capability) {
        Emulated.with("EMU_CC", capability, () -> {
            int[] bytes = new int[1];
            JCudaDriver.cuDeviceGetAttribute(
                    bytes, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, device());
            assertThat(PgdMlpPlan.sharedBudget(capability / 10, capability % 10))
                    .isEqualTo(bytes[0]);
        });
    }

    private static CUdevice device() {
        CUdevice device = new CUdevice();
        assertThat(JCudaDriver.cuDeviceGet(device, 0)).isZero();
        return device;
    }

    /** The emulated driver refuses what an architecture does not have: a plan for the larger one shows that it looks. */
    @Test
    void aPlanForMoreSharedMemoryIsRefused() {
        CudaHardware large = hardware(90);
        Emulated.with("EMU_CC", 86, () -> {
            CudaSwitches switches = new CudaSwitches(false, false, false);
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> {
                        try (CudaDevice device = new CudaDevice(large, DeviceOptions.DEFAULT, switches)) {
                            attacked(device, Norm.LINF, Precision.FLOAT32);
                        }
                    })
                    .withMessageContaining("shared memory");
        });
    }
}
