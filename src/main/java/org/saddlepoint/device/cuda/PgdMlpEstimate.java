package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Precision;
import org.saddlepoint.threat.Norm;

/**
 * What an attack step takes on paper, fused and layered, for the choice between the two. An H100 at a batch of 256 stands for
 * all devices and batches: the path must not depend on either, and nothing here was measured.
 *
 * @param fusedMicros of a block, with the multiprocessors not contending for the second-level cache
 * @param layeredMicros of the graph of single kernels
 * @param launches of the layered step
 */
record PgdMlpEstimate(double fusedMicros, double layeredMicros, int launches) {
    /** Bytes a microsecond that one multiprocessor gets from the second-level cache: 40 of 64 a clock at 1.755 GHz. */
    private static final double CACHE_BYTES = 70_000;
    /** float32 operations a microsecond of one multiprocessor, and the share of them that a product reaches. */
    private static final double FLOAT32_RATE = 507_000;

    private static final double FLOAT32_SHARE = 0.6;
    /** tf32 operations a microsecond of one multiprocessor; bf16 has twice as many. */
    private static final double TENSOR_RATE = 3_750_000;

    private static final double TENSOR_SHARE = 0.25;
    /** Microseconds a link of the longest chain of dependent multiply-adds: 5 clocks. */
    private static final double LINK = 5 / 1755.0;
    /** Microseconds between two products in a block: barriers, the first loads, the loss. */
    private static final double BETWEEN = 0.6;
    /** Microseconds a launch inside a graph. */
    private static final double LAUNCH = 2.5;

    private static final int MULTIPROCESSORS = 132;
    private static final int BATCH = 256;

    static PgdMlpEstimate of(PgdMlpPlan plan) {
        PgdMlpPlan.Shape shape = plan.shape();
        int layers = shape.layers();
        boolean float32 = shape.precision() == Precision.FLOAT32;
        double rate = float32 ? FLOAT32_RATE * FLOAT32_SHARE : TENSOR_RATE * TENSOR_SHARE * (shape.half() ? 2 : 1);
        double operations = 4.0 * shape.products();
        // Tensor cores take 8 or 16 links of the chain at once, in about 35 clocks.
        double link = float32 ? LINK : LINK * (shape.half() ? 35.0 / 16 / 5 : 35.0 / 8 / 5);
        double chain = 0;
        for (int i = 0; i < layers; i++) {
            chain += link * (shape.in(i) + shape.out(i));
        }
        double work = Math.max(chain, operations * plan.tile() / rate);
        double fused = Math.max(work, plan.streamedBytes() / CACHE_BYTES) + BETWEEN * (2 * layers + 1);
        int launches = 2 * layers + (shape.norm() == Norm.LINF ? 1 : 2);
        double layered = launches * LAUNCH + Math.max(chain, operations * BATCH / (rate * MULTIPROCESSORS));
        return new PgdMlpEstimate(fused, layered, launches);
    }
}
