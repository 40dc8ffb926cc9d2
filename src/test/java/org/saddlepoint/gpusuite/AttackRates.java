package org.saddlepoint.gpusuite;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.bench.Workload;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.Start;
import org.saddlepoint.loss.Losses;
import org.saddlepoint.model.BoundModel;
import org.saddlepoint.model.Classifier;

/** Whole attacks: as the device fuses them, and layer by layer, in every precision that it has. */
final class AttackRates {
    /**
     * One attack in one form.
     *
     * @param workload the model and its attack
     * @param batch examples
     * @param precision of the products
     * @param fused whether the device fuses what it can, or goes layer by layer
     * @param timing of an attack
     */
    record Rate(Workload workload, int batch, Precision precision, boolean fused, Timing timing) {
        double samplesPerSecond() {
            return batch / timing.median();
        }

        /** Those of products: a step goes forward and backward, each 2 M operations with M multiply-adds a pass. */
        double flops() {
            Pgd attack = workload.attack();
            Pgd longer = attack.toBuilder().steps(attack.steps() + 1).build();
            long more = new Workload("", workload.model(), 1, longer).flopPerSample();
            return samplesPerSecond() * attack.steps() * (more - workload.flopPerSample());
        }
    }

    private AttackRates() {}

    static List<Rate> measure(Device device, Sizes sizes) {
        List<Rate> rates = new ArrayList<>();
        for (Workload workload : sizes.workloads()) {
            try (Classifier classifier = Classifier.initialize(workload.model(), device, 1)) {
                for (int batch : sizes.batches()) {
                    for (Precision precision : precisions(device)) {
                        rates.addAll(measure(workload, classifier, batch, precision, sizes));
                    }
                }
            }
        }
        return rates;
    }

    /** Those that attacks have on a device. */
    static List<Precision> precisions(Device device) {
        return Stream.of(Precision.values())
                .filter(precision -> hasProducts(device, precision))
                .toList();
    }

    /** Whether the device's products round operands to a format. */
    static boolean hasProducts(Device device, Precision precision) {
        try {
            device.operations().at(precision);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static List<Rate> measure(
            Workload workload, Classifier classifier, int batch, Precision precision, Sizes sizes) {
        List<Rate> rates = new ArrayList<>();
        Pgd attack = workload.attack();
        Loop.Rule rule = new Loop.Rule(
                attack.threat(), attack.steps(), attack.stepSize(), 1, Start.BALL_AND_BOX, false, precision);
        try (BoundModel bound = classifier.bind(batch);
                BufferArena arena = bound.device().arena()) {
            Loop loop = new Inputs(arena).loop(batch, workload.model().input().size(), rule);
            Timing fused = Timing.of(sizes, loop.x(), () -> bound.iterate(loop, Losses.CROSS_ENTROPY));
            rates.add(new Rate(workload, batch, precision, true, fused));
            Timing layered = Timing.of(sizes, loop.x(), () -> bound.iterateLayered(loop, Losses.CROSS_ENTROPY));
            rates.add(new Rate(workload, batch, precision, false, layered));
        }
        return rates;
    }
}
