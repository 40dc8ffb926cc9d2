package org.saddlepoint.gpusuite;

import java.util.ArrayList;
import java.util.List;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.Start;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** Single operations: products against the FMA rate, the rest against the bandwidth of a copy. */
final class OperationRates {
    /**
     * One operation at one size.
     *
     * @param name the operation, its size and precision
     * @param timing of a call
     * @param flop of a call that are counted; 0 where bytes are the limit
     * @param bytes that a call must at least read and write
     */
    record Rate(String name, Timing timing, double flop, double bytes) {}

    private static final int IN = 784;
    private static final int CLASSES = 10;
    private static final Activation RELU = new Activation(Activation.Kind.RELU, 0f);

    private final Device device;
    private final Sizes sizes;
    private final List<Rate> rates = new ArrayList<>();

    private OperationRates(Device device, Sizes sizes) {
        this.device = device;
        this.sizes = sizes;
    }

    static List<Rate> measure(Device device, Sizes sizes) {
        OperationRates all = new OperationRates(device, sizes);
        for (Precision precision : Precision.values()) {
            if (AttackRates.hasProducts(device, precision)) {
                all.products(precision, 128);
                all.products(precision, 1024);
            }
        }
        all.moves();
        all.losses();
        all.optimizers();
        return all.rates;
    }

    private void products(Precision precision, int out) {
        int n = sizes.operationRows();
        double flop = 2.0 * n * IN * out;
        double bytes = 4.0 * (n * (double) IN + n * (double) out + IN * (double) out);
        String size = " %d x %d x %d, %s".formatted(n, IN, out, precision.label());
        try (BufferArena arena = device.arena()) {
            Inputs inputs = new Inputs(arena);
            Operations operations = device.operations().at(precision);
            Buffer x = inputs.floats(n * IN, 0, 1);
            Buffer y = inputs.floats(n * out, -1, 1);
            Buffer weights = inputs.floats(IN * out, -1, 1);
            Buffer bias = inputs.floats(out, -1, 1);
            Buffer prepared = arena.floats(Math.max(1, operations.preparedLength(IN, out)));
            operations.prepareDense(IN, out, weights, prepared);
            Buffer dx = arena.floats(n * (long) IN);
            Buffer dWeights = arena.floats(IN * (long) out);
            Buffer dBias = arena.floats(out);
            add(
                    "dense_forward" + size,
                    flop,
                    bytes,
                    arena.floats(n * (long) out),
                    target -> operations.denseForward(n, IN, out, x, weights, prepared, bias, RELU, target));
            add(
                    "dense_input_gradient" + size,
                    flop,
                    bytes,
                    dx,
                    target -> operations.denseInputGradient(n, IN, out, y, weights, Activation.IDENTITY, null, target));
            add(
                    "dense_weight_gradient" + size,
                    flop,
                    bytes,
                    dWeights,
                    target -> operations.denseWeightGradient(n, IN, out, x, y, target, dBias));
        }
    }

    private void moves() {
        int n = sizes.operationRows();
        double values = n * (double) IN;
        for (Norm norm : Norm.values()) {
            try (BufferArena arena = device.arena()) {
                Inputs inputs = new Inputs(arena);
                Loop.Rule rule = new Loop.Rule(new ThreatModel(norm, 0.3f), 1, 0.01f, 10, Start.BALL_AND_BOX, false);
                Loop loop = inputs.loop(n, IN, rule);
                Buffer gradient = inputs.floats(n * IN, -1, 1);
                String size = " %d x %d".formatted(n, IN);
                add(
                        "random_start " + norm.label() + size,
                        0,
                        8 * values,
                        loop.x(),
                        x -> device.operations().randomStart(loop, IN));
                // Reads gradient, origin and x, and writes x.
                add(
                        "step " + norm.label() + size,
                        0,
                        16 * values,
                        loop.x(),
                        x -> device.operations().step(loop, IN, gradient));
            }
        }
    }

    private void losses() {
        int n = 16 * sizes.operationRows();
        try (BufferArena arena = device.arena()) {
            Inputs inputs = new Inputs(arena);
            Buffer logits = inputs.floats(n * CLASSES, -5, 5);
            Buffer labels = inputs.ints(n, CLASSES);
            Buffer loss = arena.floats(n);
            Buffer gradient = arena.floats(n * (long) CLASSES);
            add(
                    "softmax_cross_entropy %d x %d".formatted(n, CLASSES),
                    0,
                    n * (8.0 * CLASSES + 8),
                    loss,
                    target -> device.operations()
                            .loss(LossKind.CROSS_ENTROPY, n, CLASSES, logits, labels, 1, false, target, gradient));
        }
    }

    private void optimizers() {
        int length = 1024 * sizes.operationRows();
        try (BufferArena arena = device.arena()) {
            Inputs inputs = new Inputs(arena);
            Buffer gradient = inputs.floats(length, -1, 1);
            Buffer m = inputs.floats(length, -1, 1);
            Buffer v = inputs.floats(length, 0, 1);
            Operations.AdamSettings settings = new Operations.AdamSettings(1e-3f, 0.9f, 0.999f, 1e-8f, 0, false);
            // Reads gradient, moments and parameters, and writes all but the gradient.
            add(
                    "adam %d".formatted(length),
                    0,
                    28.0 * length,
                    inputs.floats(length, -1, 1),
                    parameters -> device.operations().adam(length, gradient, settings, 1, m, v, parameters));
        }
    }

    private interface Call {
        void into(Buffer target);
    }

    private void add(String name, double flop, double bytes, Buffer target, Call call) {
        rates.add(new Rate(name, Timing.of(sizes, target, () -> call.into(target)), flop, bytes));
    }
}
