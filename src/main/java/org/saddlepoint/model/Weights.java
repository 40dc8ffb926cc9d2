package org.saddlepoint.model;

import java.util.ArrayList;
import java.util.List;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.ElementType;

/**
 * A model's parameters on a device: one flat buffer, in the order of {@link Model#tensors()}, one of the same layout for
 * their gradient, and the prepared copies that dense layers multiply with. An optimizer's step is one call over the flat
 * buffers, then {@link #refresh}.
 */
public final class Weights implements AutoCloseable {
    private final Device device;
    private final BufferArena arena;
    private final Buffer values;
    private final Buffer gradient;
    private final List<DenseWeights> dense = new ArrayList<>();
    private final List<HalfWeights> halves = new ArrayList<>();
    private int users; // -1 once closed

    Weights(Model model, Device device) {
        this.device = device;
        this.arena = device.arena();
        long count = model.parameterCount();
        try {
            this.values = arena.floats(count);
            this.gradient = arena.floats(count);
            plan(model);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private void plan(Model model) {
        long at = 0;
        for (Layer layer : model.layers()) {
            if (layer instanceof Layer.Dense shape) {
                int in = shape.in();
                int out = shape.out();
                long weights = (long) in * out;
                dense.add(new DenseWeights(
                        in,
                        out,
                        values.slice(at, weights),
                        values.slice(at + weights, out),
                        arena.floats(device.operations().preparedLength(in, out)),
                        gradient.slice(at, weights),
                        gradient.slice(at + weights, out)));
                at += weights + out;
            }
        }
    }

    /** The bfloat16 copies of each dense layer's weights, kept up to date from the first call on. */
    synchronized List<HalfWeights> halves() {
        if (halves.isEmpty()) {
            List<HalfWeights> all = new ArrayList<>(); // all of them or none, should memory run out
            for (DenseWeights layer : dense) {
                long length = device.operations().preparedHalvesLength(layer.in, layer.out);
                all.add(new HalfWeights(
                        arena.allocate(ElementType.BFLOAT16, length), arena.allocate(ElementType.BFLOAT16, length)));
            }
            halves.addAll(all);
            refreshHalves();
        }
        return halves;
    }

    synchronized boolean hasHalves() {
        return !halves.isEmpty();
    }

    private void refreshHalves() {
        for (int i = 0; i < halves.size(); i++) {
            DenseWeights layer = dense.get(i);
            HalfWeights half = halves.get(i);
            device.operations().prepareDenseHalves(layer.in, layer.out, layer.weight, half.forward, half.backward);
        }
    }

    /** A dense layer's weights as bfloat16, prepared for the forward product and for the input gradient. */
    record HalfWeights(Buffer forward, Buffer backward) {}

    /** One dense layer's part. */
    record DenseWeights(
            int in, int out, Buffer weight, Buffer bias, Buffer prepared, Buffer weightGradient, Buffer biasGradient) {}

    List<DenseWeights> dense() {
        return dense;
    }

    /**
     * All parameters, one after another.
     *
     * @return the flat buffer; call {@link #refresh} after changing it
     */
    public Buffer values() {
        return values;
    }

    /**
     * The gradient of the last backward pass, laid out like the parameters.
     *
     * @return the flat buffer
     */
    public Buffer gradient() {
        return gradient;
    }

    /** Brings the prepared copies up to date. */
    public synchronized void refresh() {
        for (DenseWeights layer : dense) {
            device.operations().prepareDense(layer.in, layer.out, layer.weight, layer.prepared);
        }
        refreshHalves();
    }

    /** Counts a bound model: weights stay while one reads them. */
    synchronized void acquire() {
        if (users < 0) {
            throw new IllegalStateException("this classifier is closed");
        }
        users++;
    }

    synchronized void release() {
        users--;
    }

    /**
     * Frees the weights.
     *
     * @throws IllegalStateException while models are bound to them
     */
    @Override
    public synchronized void close() {
        if (users > 0) {
            throw new IllegalStateException("this classifier is in use by " + users + " bound model"
                    + (users == 1 ? "" : "s") + ": close them first");
        }
        users = -1;
        arena.close();
    }
}
