package org.saddlepoint.loss;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Operations;

/** A loss computed on the host, example by example. */
record HostLoss(String name, ExampleLoss function) implements Loss {
    @Override
    public void evaluate(
            Operations operations,
            int n,
            int classes,
            Buffer logits,
            Buffer labels,
            float factor,
            boolean rescaled,
            @Nullable Buffer loss,
            @Nullable Buffer gradient) {
        float[] z = logits.floats(n * classes);
        int[] y = labels.ints(n);
        float[] losses = new float[n];
        float[] gradients = new float[n * classes];
        float[] one = new float[classes];
        float[] slope = new float[classes];
        for (int i = 0; i < n; i++) {
            System.arraycopy(z, i * classes, one, 0, classes);
            losses[i] = (float) function.evaluate(one, y[i], slope);
            for (int j = 0; j < classes; j++) {
                gradients[i * classes + j] = factor * slope[j];
            }
        }
        if (loss != null) {
            loss.write(losses, 0, n);
        }
        if (gradient != null) {
            gradient.write(gradients, 0, n * classes);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
