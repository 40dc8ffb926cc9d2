package org.saddlepoint.device.cpu;

import java.util.Arrays;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Layers;
import org.saddlepoint.model.Model;

/** What a process of its own runs: loads the native library, and prints one forward pass. */
final class ForwardPass {
    private ForwardPass() {}

    static String logits() {
        Model model = Model.sequential(Layers.dense(4, 2));
        try (Device device = Device.cpu(2);
                Classifier classifier = Classifier.initialize(model, device, 1)) {
            return Arrays.toString(classifier.logits(new float[] {0f, 0.25f, 0.5f, 1f}));
        }
    }

    public static void main(String[] args) {
        System.out.println(logits());
    }
}
