package org.saddlepoint.device.cpu;

import static org.saddlepoint.device.cpu.CpuOperations.check;
import static org.saddlepoint.device.cpu.CpuOperations.floats;
import static org.saddlepoint.device.cpu.CpuOperations.ints;
import static org.saddlepoint.device.cpu.CpuOperations.labels;
import static org.saddlepoint.device.cpu.CpuOperations.optional;
import static org.saddlepoint.device.cpu.CpuOperations.unchecked;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.BoundaryHop;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.ProbeNoise;
import org.saddlepoint.device.ProbeOperations;

/** Probes over {@link CpuLibrary}. */
final class CpuProbeOperations implements ProbeOperations {
    private final MemorySegment device;

    CpuProbeOperations(MemorySegment device) {
        this.device = device;
    }

    @Override
    public void probe(ProbeNoise noise, int n, int d, Buffer point, @Nullable Buffer done, int number, Buffer x) {
        MemorySegment from = floats(point, (long) n * d, "point");
        MemorySegment indices = ints(noise.indices(), n, "indices");
        MemorySegment scales = optional(noise.scales(), ElementType.FLOAT32, n, "scales");
        MemorySegment mask = optional(done, ElementType.INT32, n, "done");
        MemorySegment out = floats(x, (long) n * d, "x");
        try {
            check("noise_probe", (int) CpuLibrary.NOISE_PROBE.invokeExact(
                    device,
                    noise.draw().ordinal(),
                    (long) n,
                    (long) d,
                    from,
                    indices,
                    noise.scale(),
                    scales,
                    noise.random().seed(),
                    noise.random().word(),
                    number,
                    mask,
                    out));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void estimate(
            int n,
            int d,
            Buffer point,
            Buffer x,
            Buffer base,
            Buffer loss,
            boolean first,
            @Nullable Buffer done,
            Buffer gradient) {
        MemorySegment from = floats(point, (long) n * d, "point");
        MemorySegment probe = floats(x, (long) n * d, "x");
        MemorySegment before = floats(base, n, "base");
        MemorySegment after = floats(loss, n, "loss");
        MemorySegment mask = optional(done, ElementType.INT32, n, "done");
        MemorySegment sum = floats(gradient, (long) n * d, "gradient");
        try {
            check("nes_estimate", (int) CpuLibrary.NES_ESTIMATE.invokeExact(
                    device, (long) n, (long) d, from, probe, before, after, first ? 1 : 0, mask, sum));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void hopTurn(BoundaryHop hop, int d, BoundaryHop.Phase phase, int iteration) {
        int n = hop.n();
        MemorySegment origin = floats(hop.origin(), (long) n * d, "origin");
        MemorySegment objective = floats(hop.best().objective(), n, "best objective");
        MemorySegment beaten = ints(hop.best().beaten(), n, "beaten");
        MemorySegment point = floats(hop.point(), (long) n * d, "point");
        MemorySegment toward = floats(hop.toward(), (long) n * d, "toward");
        MemorySegment away = floats(hop.away(), (long) n * d, "away");
        MemorySegment bracket = floats(hop.bracket(), 2L * n, "bracket");
        MemorySegment size = floats(hop.size(), n, "size");
        MemorySegment counts = ints(hop.counts(), 3L * n, "counts");
        MemorySegment done = ints(hop.done(), n, "done");
        BoundaryHop.Rule rule = hop.rule();
        try {
            check("hop_turn", (int) CpuLibrary.HOP_TURN.invokeExact(
                    device,
                    phase.ordinal(),
                    rule.threat().norm().ordinal(),
                    (long) n,
                    (long) d,
                    iteration,
                    rule.queries(),
                    rule.minimal() ? 1 : 0,
                    origin,
                    objective,
                    beaten,
                    point,
                    toward,
                    away,
                    bracket,
                    size,
                    counts,
                    done));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void hopPropose(BoundaryHop hop, int d, BoundaryHop.Phase phase) {
        int n = hop.n();
        MemorySegment origin = floats(hop.origin(), (long) n * d, "origin");
        MemorySegment point = floats(hop.point(), (long) n * d, "point");
        MemorySegment toward = floats(hop.toward(), (long) n * d, "toward");
        MemorySegment bracket = floats(hop.bracket(), 2L * n, "bracket");
        MemorySegment size = floats(hop.size(), n, "size");
        MemorySegment done = ints(hop.done(), n, "done");
        MemorySegment x = floats(hop.x(), (long) n * d, "x");
        int norm = hop.rule().threat().norm().ordinal();
        try {
            check("hop_propose", (int) CpuLibrary.HOP_PROPOSE.invokeExact(
                    device, phase.ordinal(), norm, (long) n, (long) d, origin, point, toward, bracket, size, done, x));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    @Override
    public void hopJudge(BoundaryHop hop, int d, int c, Buffer logits, BoundaryHop.Phase phase) {
        int n = hop.n();
        MemorySegment z = floats(logits, (long) n * c, "logits");
        MemorySegment origin = floats(hop.origin(), (long) n * d, "origin");
        MemorySegment classes = labels(hop.labels(), n, c);
        MemorySegment x = floats(hop.x(), (long) n * d, "x");
        MemorySegment point = floats(hop.point(), (long) n * d, "point");
        MemorySegment toward = floats(hop.toward(), (long) n * d, "toward");
        MemorySegment away = floats(hop.away(), (long) n * d, "away");
        MemorySegment bracket = floats(hop.bracket(), 2L * n, "bracket");
        MemorySegment size = floats(hop.size(), n, "size");
        MemorySegment counts = ints(hop.counts(), 3L * n, "counts");
        MemorySegment done = ints(hop.done(), n, "done");
        MemorySegment bestX = floats(hop.best().x(), (long) n * d, "best x");
        MemorySegment objective = floats(hop.best().objective(), n, "best objective");
        MemorySegment beaten = ints(hop.best().beaten(), n, "beaten");
        BoundaryHop.Rule rule = hop.rule();
        try {
            check("hop_judge", (int) CpuLibrary.HOP_JUDGE.invokeExact(
                    device,
                    phase.ordinal(),
                    rule.threat().norm().ordinal(),
                    (long) n,
                    (long) d,
                    (long) c,
                    z,
                    origin,
                    classes,
                    rule.threat().epsilon(),
                    rule.queries(),
                    rule.minimal() ? 1 : 0,
                    x,
                    point,
                    toward,
                    away,
                    bracket,
                    size,
                    counts,
                    done,
                    bestX,
                    objective,
                    beaten));
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }
}
