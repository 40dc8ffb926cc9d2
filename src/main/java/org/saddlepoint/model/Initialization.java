package org.saddlepoint.model;

import org.saddlepoint.device.Activation;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;

/**
 * Initial parameters from a seed. Weights are uniform: within sqrt(6 / in) where a ReLU follows (He et al. 2015, eq. 10),
 * else within sqrt(6 / (in + out)) (Glorot and Bengio 2010, eq. 16). Biases are zero. The same on every device.
 */
final class Initialization {
    private Initialization() {}

    static float[] parameters(Model model, long seed) {
        float[] all = new float[Math.toIntExact(model.parameterCount())];
        RandomStream random = new RandomStream(seed, Purpose.INITIALIZATION, 0);
        int at = 0;
        for (int i = 0; i < model.layers().size(); i++) {
            if (model.layers().get(i) instanceof Layer.Dense dense) {
                int count = dense.in() * dense.out();
                double fan = rectified(model, i + 1) ? dense.in() : dense.in() + dense.out();
                fillUniform(all, at, count, Math.sqrt(6.0 / fan), random, i);
                at += count + dense.out();
            }
        }
        return all;
    }

    private static boolean rectified(Model model, int next) {
        return next < model.layers().size()
                && model.layers().get(next) instanceof Layer.Nonlinearity nonlinearity
                && (nonlinearity.function().kind() == Activation.Kind.RELU
                        || nonlinearity.function().kind() == Activation.Kind.LEAKY_RELU);
    }

    private static void fillUniform(float[] all, int at, int count, double bound, RandomStream random, int tensor) {
        for (int block = 0; block * 4 < count; block++) {
            int[] words = random.block(block, tensor, 0);
            for (int w = 0; w < 4 && block * 4 + w < count; w++) {
                double uniform = (words[w] >>> 8) * 0x1p-24;
                all[at + block * 4 + w] = (float) (bound * (2 * uniform - 1));
            }
        }
    }
}
