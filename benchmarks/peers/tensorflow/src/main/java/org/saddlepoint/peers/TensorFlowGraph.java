package org.saddlepoint.peers;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.op.nn.SparseSoftmaxCrossEntropyWithLogits;
import org.tensorflow.op.random.RandomUniform;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** The unrolled attack, gradients by TensorFlow's graph differentiation; inside the attack of the input alone. */
final class TensorFlowGraph extends BatchSession {
    private final Workload workload;
    private final Ops tf;
    private final org.tensorflow.Session session;
    private final Placeholder<TInt32> index;
    private final Placeholder<TFloat32> beta1Power;
    private final Placeholder<TFloat32> beta2Power;
    private final List<Operand<TFloat32>> weights = new ArrayList<>();
    private final List<Operand<TFloat32>> biases = new ArrayList<>();
    private final Operand<TInt32> targets;
    private final Operand<TFloat32> origin;
    private final Operand<TFloat32> attacked;
    private final Operand<TFloat32> loss;
    private final List<Op> updates = new ArrayList<>();
    private int[] last = new int[0];
    private Operand<TFloat32> lastLogits;
    private int names;
    private long step;
    private double lastLoss;

    TensorFlowGraph(Workload workload, int threads) {
        super(workload);
        this.workload = workload;
        Synthetic synthetic = new Synthetic();
        Graph graph = new Graph();
        tf = Ops.create(graph);
        index = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(workload.batch())));
        beta1Power = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
        beta2Power = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
        List<Op> initial = new ArrayList<>();
        List<VarHandleOp> variables = new ArrayList<>();
        List<Operand<TFloat32>> values = new ArrayList<>();
        for (Workload.Layer layer : workload.layers()) {
            float bound = (float) Math.sqrt(6.0 / layer.fanIn());
            long in = layer.in();
            long out = layer.out();
            long[] sizes =
                    layer.convolution() ? new long[] {Workload.KERNEL, Workload.KERNEL, in, out} : new long[] {in, out};
            weights.add(variable(between(-bound, bound, sizes), Shape.of(sizes), variables, values, initial));
            biases.add(variable(zeros(Shape.of(out)), Shape.of(out), variables, values, initial));
        }
        Operand<TInt32> axis = tf.constant(0);
        Shape all = Shape.of(Synthetic.SIZE, Synthetic.FEATURES);
        origin = tf.gather(tf.constant(all, DataBuffers.of(synthetic.floats)), index, axis);
        targets = tf.gather(tf.constant(synthetic.labels), index, axis);
        attacked = attack();
        SparseSoftmaxCrossEntropyWithLogits<TFloat32> entropy = entropy(attacked);
        loss = tf.math.mean(entropy.loss(), axis);
        update(entropy, variables, values, initial);
        session = new org.tensorflow.Session(
                graph,
                ConfigProto.newBuilder()
                        .setIntraOpParallelismThreads(threads)
                        .setInterOpParallelismThreads(1)
                        .build());
        org.tensorflow.Session.Runner runner = session.runner();
        initial.forEach(runner::addTarget);
        runner.run().close();
    }

    private Operand<TFloat32> between(float low, float high, long... sizes) {
        RandomUniform<TFloat32> uniform =
                tf.random.randomUniform(tf.constant(sizes), TFloat32.class, RandomUniform.seed(1L));
        return tf.math.add(tf.math.mul(uniform, tf.constant(high - low)), tf.constant(low));
    }

    private Operand<TFloat32> zeros(Shape shape) {
        return tf.fill(tf.constant(shape), tf.constant(0f));
    }

    private Operand<TFloat32> variable(
            Operand<TFloat32> start,
            Shape shape,
            List<VarHandleOp> variables,
            List<Operand<TFloat32>> values,
            List<Op> initial) {
        VarHandleOp variable = handle(shape);
        initial.add(tf.assignVariableOp(variable, start));
        variables.add(variable);
        values.add(tf.readVariableOp(variable, TFloat32.class));
        return values.get(values.size() - 1);
    }

    private VarHandleOp handle(Shape shape) {
        return tf.varHandleOp(TFloat32.class, shape, VarHandleOp.sharedName("v" + names++));
    }

    private Operand<TFloat32> logits(Operand<TFloat32> input) {
        int last = workload.layers().size() - 1;
        Operand<TFloat32> h = input;
        for (int i = 0; i <= last; i++) {
            Workload.Layer layer = workload.layers().get(i);
            Operand<TFloat32> product = layer.convolution()
                    ? tf.nn.conv2d(images(h), weights.get(i), List.of(1L, 1L, 1L, 1L), "SAME")
                    : tf.linalg.matMul(rows(h), weights.get(i));
            h = tf.nn.biasAdd(product, biases.get(i));
            if (i < last) {
                h = tf.nn.relu(h);
            }
            if (layer.convolution()) {
                Operand<TInt32> window = tf.constant(new int[] {1, Workload.POOL, Workload.POOL, 1});
                h = tf.nn.maxPool(h, window, window, "VALID");
            }
        }
        return h;
    }

    /** Batch x height x width x channels. */
    private Operand<TFloat32> images(Operand<TFloat32> h) {
        return h.shape().numDimensions() == 4
                ? h
                : tf.reshape(h, tf.constant(new int[] {workload.batch(), Synthetic.SIDE, Synthetic.SIDE, 1}));
    }

    private Operand<TFloat32> rows(Operand<TFloat32> h) {
        return h.shape().numDimensions() == 2 ? h : tf.reshape(h, tf.constant(new int[] {workload.batch(), -1}));
    }

    private SparseSoftmaxCrossEntropyWithLogits<TFloat32> entropy(Operand<TFloat32> input) {
        lastLogits = logits(input);
        return tf.nn.sparseSoftmaxCrossEntropyWithLogits(lastLogits, targets);
    }

    private Operand<TFloat32> attack() {
        float epsilon = (float) workload.epsilon();
        Operand<TFloat32> zero = tf.constant(0f);
        Operand<TFloat32> one = tf.constant(1f);
        Operand<TFloat32> low = tf.math.maximum(tf.math.sub(origin, tf.constant(epsilon)), zero);
        Operand<TFloat32> high = tf.math.minimum(tf.math.add(origin, tf.constant(epsilon)), one);
        Operand<TFloat32> start = tf.math.add(origin, between(-epsilon, epsilon, workload.batch(), Synthetic.FEATURES));
        Operand<TFloat32> x = tf.math.maximum(tf.math.minimum(start, high), low);
        Operand<TFloat32> stepSize = tf.constant((float) workload.stepSize());
        for (int k = 0; k < workload.steps(); k++) {
            x = tf.stopGradient(x);
            SparseSoftmaxCrossEntropyWithLogits<TFloat32> entropy = entropy(x);
            Operand<TFloat32> gradient =
                    tf.gradients(List.of(lastLogits), List.of(x), dx(entropy)).dy(0);
            Operand<TFloat32> moved = tf.math.add(x, tf.math.mul(tf.math.sign(gradient), stepSize));
            x = tf.math.maximum(tf.math.minimum(moved, high), low);
        }
        return tf.stopGradient(x);
    }

    /** The logit gradient, with which differentiation of the layers starts. */
    private static Gradients.Options dx(SparseSoftmaxCrossEntropyWithLogits<TFloat32> entropy) {
        return Gradients.dx(List.of(entropy.backprop()));
    }

    private void update(
            SparseSoftmaxCrossEntropyWithLogits<TFloat32> entropy,
            List<VarHandleOp> variables,
            List<Operand<TFloat32>> values,
            List<Op> initial) {
        Gradients gradients = tf.gradients(List.of(lastLogits), values, dx(entropy));
        Operand<TFloat32> share = tf.constant(1f / workload.batch());
        List<Operand<TFloat32>> scaled = new ArrayList<>();
        for (int i = 0; i < variables.size(); i++) {
            scaled.add(tf.math.mul(gradients.<TFloat32>dy(i), share));
        }
        // All gradients first: then no update has to copy the variable for a reader.
        Ops after = tf.withControlDependencies(new ArrayList<Op>(scaled));
        for (int i = 0; i < variables.size(); i++) {
            Shape shape = values.get(i).shape();
            VarHandleOp m = handle(shape);
            VarHandleOp v = handle(shape);
            initial.add(tf.assignVariableOp(m, zeros(shape)));
            initial.add(tf.assignVariableOp(v, zeros(shape)));
            updates.add(after.train.resourceApplyAdam(
                    variables.get(i),
                    m,
                    v,
                    beta1Power,
                    beta2Power,
                    tf.constant((float) Workload.LEARNING_RATE),
                    tf.constant(0.9f),
                    tf.constant(0.999f),
                    tf.constant(1e-8f),
                    scaled.get(i)));
        }
    }

    @Override
    protected void train(int[] indices) {
        step++;
        last = indices;
        try (TInt32 fed = TInt32.vectorOf(indices);
                TFloat32 power1 = TFloat32.scalarOf((float) Math.pow(0.9, step));
                TFloat32 power2 = TFloat32.scalarOf((float) Math.pow(0.999, step))) {
            org.tensorflow.Session.Runner runner = session.runner()
                    .feed(index, fed)
                    .feed(beta1Power, power1)
                    .feed(beta2Power, power2)
                    .fetch(loss);
            updates.forEach(runner::addTarget);
            try (Result result = runner.run()) {
                lastLoss = ((TFloat32) result.get(0)).getFloat();
            }
        }
    }

    @Override
    protected double lastLoss() {
        return lastLoss;
    }

    /** From a second run of the attack on the last batch. */
    @Override
    protected float[] lastInputs() {
        return fetched(attacked);
    }

    @Override
    protected float[] lastOriginals() {
        return fetched(origin);
    }

    private float[] fetched(Operand<TFloat32> what) {
        try (TInt32 fed = TInt32.vectorOf(last);
                Result result = session.runner().feed(index, fed).fetch(what).run()) {
            float[] values = new float[workload.batch() * Synthetic.FEATURES];
            FloatDataBuffer buffer = DataBuffers.of(values);
            ((TFloat32) result.get(0)).copyTo(buffer);
            return values;
        }
    }
}
