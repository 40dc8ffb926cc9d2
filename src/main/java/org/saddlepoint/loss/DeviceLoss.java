package org.saddlepoint.loss;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.Operations;

/** A loss that the device computes itself. */
record DeviceLoss(String name, LossKind onDevice) implements Loss {
    @Override
    public Optional<LossKind> kind() {
        return Optional.of(onDevice);
    }

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
        operations.loss(onDevice, n, classes, logits, labels, factor, rescaled, loss, gradient);
    }

    @Override
    public String toString() {
        return name;
    }
}
