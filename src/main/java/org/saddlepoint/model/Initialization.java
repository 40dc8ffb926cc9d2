package org.saddlepoint.model;

import java.util.Arrays;
import java.util.List;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;
import org.saddlepoint.device.Recurrence;

/**
 * Initial parameters from a seed; the same on every device. Weights of dense layers and convolutions are uniform: within
 * sqrt(6 / in) where a ReLU follows (He et al. 2015, eq. 10), else within sqrt(6 / (in + out)) (Glorot and Bengio 2010, eq.
 * 16). Those of recurrent layers are uniform within 1 / sqrt(hidden). Biases are zero, but an LSTM's forget gate starts open
 * (Jozefowicz et al. 2015): 1. Normalisations start as the identity: weights and running variances are 1.
 */
final class Initialization {
    private final RandomStream random;
    private final float[] values;
    private int at;
    private int statisticsAt;
    /** The position of the layer in the model, and of the tensor of random weights in the layer. */
    private int layer;

    private int tensor;

    private Initialization(Model model, long seed) {
        this.random = new RandomStream(seed, Purpose.INITIALIZATION, 0);
        this.values = new float[Math.toIntExact(model.valueCount())];
        this.statisticsAt = Math.toIntExact(model.parameterCount());
    }

    static float[] parameters(Model model, long seed) {
        Initialization all = new Initialization(model, seed);
        for (int i = 0; i < model.layers().size(); i++) {
            all.layer = i;
            all.tensor = 0;
            all.initialize(model.layers(), i);
        }
        return all.values;
    }

    private void initialize(List<Layer> layers, int i) {
        switch (layers.get(i)) {
            case Layer.Dense dense -> {
                weights(dense.in() * dense.out(), dense.in(), dense.out(), rectified(layers, i + 1));
                at += dense.out();
            }
            case Conv2d layer -> {
                int taps = layer.window().height() * layer.window().width();
                int in = layer.in() / layer.groups() * taps;
                weights(layer.out() * in, in, layer.out() / layer.groups() * taps, rectified(layers, i + 1));
                at += layer.bias() ? layer.out() : 0;
            }
            case BatchNorm norm -> {
                ones(norm.channels());
                statisticsAt += norm.channels(); // means
                Arrays.fill(values, statisticsAt, statisticsAt + norm.channels(), 1f);
                statisticsAt += norm.channels();
            }
            case LayerNorm norm -> ones(new Shape(norm.shape()).size());
            case Recurrent recurrent -> recurrent(recurrent);
            case Branches branches ->
                branches.branches().forEach(branch -> {
                    for (int k = 0; k < branch.size(); k++) {
                        initialize(branch, k);
                    }
                });
            case Layer.Nonlinearity ignored -> {}
            case Layer.Flatten ignored -> {}
            case Layer.Normalize ignored -> {}
            case Scale ignored -> {}
            case Reshape ignored -> {}
            case Pool2d ignored -> {}
            case GlobalAveragePool ignored -> {}
            case Dropout ignored -> {}
        }
    }

    private void weights(int count, int in, int out, boolean rectified) {
        uniform(count, Math.sqrt(6.0 / (rectified ? in : in + out)));
    }

    /** A weight of ones and a bias of zeros. */
    private void ones(int count) {
        Arrays.fill(values, at, at + count, 1f);
        at += 2 * count;
    }

    private void recurrent(Recurrent layer) {
        int gates = layer.kind().gates() * layer.hidden();
        double bound = 1 / Math.sqrt(layer.hidden());
        uniform(gates * layer.in(), bound);
        uniform(gates * layer.hidden(), bound);
        if (layer.kind() == Recurrence.Kind.LSTM) {
            Arrays.fill(values, at + layer.hidden(), at + 2 * layer.hidden(), 1f); // gates i, f, g, o
        }
        at += 2 * gates;
    }

    /** Whether a ReLU or its like comes before anything else with weights. */
    private static boolean rectified(List<Layer> layers, int next) {
        for (Layer layer : layers.subList(next, layers.size())) {
            if (layer instanceof Layer.Nonlinearity nonlinearity) {
                Activation.Kind kind = nonlinearity.function().kind();
                return kind == Activation.Kind.RELU
                        || kind == Activation.Kind.LEAKY_RELU
                        || kind == Activation.Kind.CLIPPED_RELU;
            }
            boolean passesOn = layer instanceof BatchNorm
                    || layer instanceof LayerNorm
                    || layer instanceof Dropout
                    || layer instanceof Pool2d;
            if (!passesOn) {
                return false;
            }
        }
        return false;
    }

    private void uniform(int count, double bound) {
        for (int block = 0; block * 4 < count; block++) {
            int[] words = random.block(block, layer, tensor);
            for (int w = 0; w < 4 && block * 4 + w < count; w++) {
                double uniform = (words[w] >>> 8) * 0x1p-24;
                values[at + block * 4 + w] = (float) (bound * (2 * uniform - 1));
            }
        }
        at += count;
        tensor++;
    }
}
