package org.saddlepoint.peers;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;

/** Weights require a gradient in the update alone, the input in the attack alone. */
final class DjlSession extends BatchSession {
    private static final Shape STRIDE = new Shape(1, 1);
    private static final Shape PADDING = new Shape(Workload.PADDING, Workload.PADDING);
    private static final Shape NO_PADDING = new Shape(0, 0);
    private static final Shape POOL = new Shape(Workload.POOL, Workload.POOL);

    private final Workload workload;
    private final NDManager manager = NDManager.newBaseManager(Device.cpu());
    private final List<NDArray> parameters = new ArrayList<>();
    private final NDArray data;
    private final NDArray labels;
    private final Loss crossEntropy = Loss.softmaxCrossEntropyLoss();
    private final Optimizer optimizer = Optimizer.adam()
            .optLearningRateTracker(Tracker.fixed((float) Workload.LEARNING_RATE))
            .build();
    private float lastLoss;
    private float[] lastInputs = new float[0];
    private float[] lastOriginals = new float[0];
    private int batches;

    DjlSession(Workload workload) {
        super(workload);
        this.workload = workload;
        Synthetic synthetic = new Synthetic();
        data = manager.create(synthetic.floats, new Shape(Synthetic.SIZE, Synthetic.FEATURES));
        labels = manager.create(synthetic.labels);
        for (Workload.Layer layer : workload.layers()) {
            float bound = (float) Math.sqrt(6.0 / layer.fanIn());
            Shape shape = layer.convolution()
                    ? new Shape(layer.out(), layer.in(), Workload.KERNEL, Workload.KERNEL)
                    : new Shape(layer.out(), layer.in());
            parameters.add(manager.randomUniform(-bound, bound, shape));
            parameters.add(manager.zeros(new Shape(layer.out())));
        }
    }

    private NDArray lossOf(NDArray input, NDArray targets) {
        int last = workload.layers().size() - 1;
        NDArray h =
                workload.convolutional() ? input.reshape(workload.batch(), 1, Synthetic.SIDE, Synthetic.SIDE) : input;
        for (int i = 0; i <= last; i++) {
            NDArray weight = parameters.get(2 * i);
            NDArray bias = parameters.get(2 * i + 1);
            if (workload.layers().get(i).convolution()) {
                NDArray y = Conv2d.conv2d(h, weight, bias, STRIDE, PADDING).singletonOrThrow();
                h = Pool.maxPool2d(Activation.relu(y), POOL, POOL, NO_PADDING, false);
            } else {
                NDArray y = Linear.linear(h.reshape(workload.batch(), -1), weight, bias)
                        .singletonOrThrow();
                h = i < last ? Activation.relu(y) : y;
            }
        }
        return crossEntropy.evaluate(new NDList(targets), new NDList(h));
    }

    @Override
    protected void train(int[] indices) {
        float epsilon = (float) workload.epsilon();
        try (NDManager batch = manager.newSubManager()) {
            NDArray index = batch.create(indices);
            NDArray origin = data.get(batch, new NDIndex("{}", index));
            NDArray targets = labels.get(batch, new NDIndex("{}", index));
            NDArray low = origin.sub(epsilon).clip(0, 1);
            NDArray high = origin.add(epsilon).clip(0, 1);
            NDArray start = origin.add(batch.randomUniform(-epsilon, epsilon, origin.getShape()));
            NDArray x = NDArrays.minimum(NDArrays.maximum(start, low), high);
            for (int k = 0; k < workload.steps(); k++) {
                x.setRequiresGradient(true);
                try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                    collector.backward(lossOf(x, targets));
                }
                NDArray gradient = x.getGradient();
                x.setRequiresGradient(false);
                NDArray moved = x.add(gradient.sign().muli((float) workload.stepSize()));
                x = NDArrays.minimum(NDArrays.maximum(moved, low), high);
            }
            update(x, targets);
            if (++batches % 16 == 1) {
                lastInputs = x.toFloatArray();
                lastOriginals = origin.toFloatArray();
            }
        }
    }

    private void update(NDArray x, NDArray targets) {
        for (NDArray parameter : parameters) {
            parameter.setRequiresGradient(true);
        }
        NDArray loss;
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            loss = lossOf(x, targets);
            collector.backward(loss);
        }
        for (int i = 0; i < parameters.size(); i++) {
            NDArray parameter = parameters.get(i);
            NDArray gradient = parameter.getGradient();
            parameter.setRequiresGradient(false);
            optimizer.update(Integer.toString(i), parameter, gradient);
            gradient.subi(gradient);
        }
        lastLoss = loss.getFloat();
    }

    @Override
    protected double lastLoss() {
        return lastLoss;
    }

    @Override
    protected float[] lastInputs() {
        return lastInputs;
    }

    @Override
    protected float[] lastOriginals() {
        return lastOriginals;
    }
}
