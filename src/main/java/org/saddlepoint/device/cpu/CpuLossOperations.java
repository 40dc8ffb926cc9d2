package org.saddlepoint.device.cpu;

import static org.saddlepoint.device.ElementType.FLOAT32;
import static org.saddlepoint.device.ElementType.INT32;
import static org.saddlepoint.device.cpu.CpuOperations.check;
import static org.saddlepoint.device.cpu.CpuOperations.floats;
import static org.saddlepoint.device.cpu.CpuOperations.labels;
import static org.saddlepoint.device.cpu.CpuOperations.optional;
import static org.saddlepoint.device.cpu.CpuOperations.segment;
import static org.saddlepoint.device.cpu.CpuOperations.unchecked;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Checks;
import org.saddlepoint.device.LossOperations;

/** Losses towards one class over {@link CpuLibrary}. */
final class CpuLossOperations implements LossOperations {
    private final MemorySegment device;

    CpuLossOperations(MemorySegment device) {
        this.device = device;
    }

    @Override
    public void dlr(
            int n,
            int c,
            Buffer logits,
            Buffer labels,
            float factor,
            @Nullable Buffer loss,
            @Nullable Buffer gradient) {
        Checks.ratio(c, false);
        run(TargetLoss.DLR, n, c, logits, labels, MemorySegment.NULL, factor, loss, gradient);
    }

    @Override
    public void targetLoss(
            TargetLoss kind,
            int n,
            int c,
            Buffer logits,
            Buffer labels,
            Buffer targets,
            float factor,
            @Nullable Buffer loss,
            @Nullable Buffer gradient) {
        if (kind == TargetLoss.DLR) {
            Checks.ratio(c, true);
        }
        run(kind, n, c, logits, labels, labels(targets, n, c), factor, loss, gradient);
    }

    private void run(
            TargetLoss kind,
            int n,
            int c,
            Buffer logits,
            Buffer labels,
            MemorySegment targets,
            float factor,
            @Nullable Buffer loss,
            @Nullable Buffer gradient) {
        MemorySegment z = floats(logits, (long) n * c, "logits");
        MemorySegment y = labels(labels, n, c);
        MemorySegment value = optional(loss, FLOAT32, n, "loss");
        MemorySegment dz = optional(gradient, FLOAT32, (long) n * c, "gradient");
        try {
            check("target_loss", (int) CpuLibrary.TARGET_LOSS.invokeExact(
                    device, kind.ordinal(), (long) n, (long) c, z, y, targets, factor, value, dz));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void rankedClass(int n, int c, Buffer logits, Buffer labels, int rank, Buffer out) {
        Checks.rank(rank, c);
        MemorySegment z = floats(logits, (long) n * c, "logits");
        MemorySegment y = labels(labels, n, c);
        MemorySegment classes = segment(out, INT32, n, "out");
        try {
            check("ranked_class", (int)
                    CpuLibrary.RANKED_CLASS.invokeExact(device, (long) n, (long) c, z, y, (long) rank, classes));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }
}
