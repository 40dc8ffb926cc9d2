package org.saddlepoint.attack;

import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.Random;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.Values;

/** A small network and inputs that it classifies in its own way: its predictions are the labels. */
final class Fixtures {
    static final int D = 30;
    static final int CLASSES = 5;
    static final Model MODEL = Model.sequential(dense(D, 40), relu(), dense(40, CLASSES));

    private Fixtures() {}

    static Classifier network(Device device) {
        return Classifier.initialize(MODEL, device, 3);
    }

    static float[] inputs(int n, int seed) {
        return Values.uniform(new Random(seed), n * D, 0, 1);
    }
}
