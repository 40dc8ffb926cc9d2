package org.saddlepoint.gpusuite;

import java.util.List;
import org.saddlepoint.bench.Workload;

/**
 * How much is measured.
 *
 * @param seconds of a repetition of an attack or an operation; at least one call is made
 * @param trainingSeconds of a repetition of a training; at least one batch is run
 * @param repetitions that count
 * @param copyLength float32 values that are copied to measure the bandwidth
 * @param operationRows examples in the benchmarks of single operations
 * @param batches examples of an attack
 * @param workloads that are attacked and trained
 */
record Sizes(
        double seconds,
        double trainingSeconds,
        int repetitions,
        int copyLength,
        int operationRows,
        List<Integer> batches,
        List<Workload> workloads) {
    /** For hardware: about five minutes on a GPU. 64 Mi values are beyond any cache. */
    static Sizes full() {
        return new Sizes(0.2, 1, 5, 1 << 26, 4096, List.of(32, 256, 4096), Workload.ALL);
    }

    /** For the emulated driver, which does less than 1 GFLOP/s: everything runs once, at two steps and small batches. */
    static Sizes quick() {
        List<Workload> small = Workload.ALL.stream()
                .map(one -> new Workload(
                        one.name() + " (2 steps, batch 8)",
                        one.model(),
                        8,
                        one.attack().toBuilder().steps(2).build()))
                .toList();
        return new Sizes(1e-9, 1e-9, 1, 1 << 14, 16, List.of(8), small);
    }
}
