package org.saddlepoint.model.onnx;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.Device;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.Classifier;

/** Networks from ONNX on the CPU device: logits and input gradients are what PyTorch computes. */
class OnnxDeviceTest {
    static List<String> names() throws IOException {
        return Fixture.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void logitsAndGradientsArePyTorchs(String name) throws IOException {
        Fixture fixture = Fixture.of(name);
        try (Device device = Device.cpu(2);
                Classifier classifier = Models.readOnnx(fixture.file()).on(device)) {
            Fixture.assertClose("logits", Fixture.doubles(classifier.logits(fixture.x())), fixture.logits());
            float[] gradient = classifier
                    .lossGradient(fixture.x(), fixture.labels(), Losses.CROSS_ENTROPY)
                    .gradient();
            Fixture.assertClose("input gradient", Fixture.doubles(gradient), fixture.gradient());
        }
    }
}
