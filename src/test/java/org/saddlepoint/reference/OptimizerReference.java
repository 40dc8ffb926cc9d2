package org.saddlepoint.reference;

import org.saddlepoint.device.Operations.AdamSettings;
import org.saddlepoint.device.Operations.SgdSettings;

/** Optimizers by PyTorch's conventions (torch.optim.SGD, Adam, AdamW); parameters and state in place. */
public final class OptimizerReference {
    private OptimizerReference() {}

    public static void sgd(SgdSettings s, int step, double[] gradient, double[] velocity, double[] p) {
        for (int i = 0; i < p.length; i++) {
            double g = gradient[i] + s.weightDecay() * p[i];
            velocity[i] = step == 1 ? g : s.momentum() * velocity[i] + g;
            p[i] -= s.learningRate() * (s.nesterov() ? g + s.momentum() * velocity[i] : velocity[i]);
        }
    }

    public static void adam(AdamSettings s, int step, double[] gradient, double[] m, double[] v, double[] p) {
        for (int i = 0; i < p.length; i++) {
            double g = gradient[i];
            if (s.decoupled()) {
                p[i] -= s.learningRate() * s.weightDecay() * p[i];
            } else {
                g += s.weightDecay() * p[i];
            }
            m[i] = s.beta1() * m[i] + (1.0 - s.beta1()) * g;
            v[i] = s.beta2() * v[i] + (1.0 - s.beta2()) * g * g;
            double first = m[i] / (1 - Math.pow(s.beta1(), step));
            double second = v[i] / (1 - Math.pow(s.beta2(), step));
            p[i] -= s.learningRate() * first / (Math.sqrt(second) + s.stabilizer());
        }
    }
}
