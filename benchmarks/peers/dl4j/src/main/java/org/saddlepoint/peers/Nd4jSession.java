package org.saddlepoint.peers;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.custom.SoftMax;
import org.nd4j.linalg.api.ops.random.impl.UniformDistribution;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Matrices are features x batch in Fortran order, which is how ND4J multiplies without copying; all are planned once.
 * Parameters, and their gradients, are views of one vector each, so that Adam is one call.
 */
final class Nd4jSession extends BatchSession {
    private static final char ORDER = 'f';

    private final Workload workload;
    private final int layers;
    private final Synthetic data = new Synthetic();
    private final INDArray parameters;
    private final INDArray parameterGradient;
    private final List<INDArray> weights = new ArrayList<>();
    private final List<INDArray> biases = new ArrayList<>();
    private final List<INDArray> weightGradients = new ArrayList<>();
    private final List<INDArray> biasGradients = new ArrayList<>();
    private final List<INDArray> outputs = new ArrayList<>();
    private final List<INDArray> gradients = new ArrayList<>();
    private final INDArray x;
    private final INDArray inputGradient;
    private final INDArray probabilities;
    private final GradientUpdater<?> updater;
    private INDArray origin;
    private INDArray low;
    private INDArray high;
    private INDArray oneHot;
    private int[] targets = new int[0];
    private int iteration;

    Nd4jSession(Workload workload) {
        super(workload);
        this.workload = workload;
        layers = workload.layers().size();
        int batch = workload.batch();
        int length = 0;
        for (Workload.Layer layer : workload.layers()) {
            length += (layer.in() + 1) * layer.out();
        }
        parameters = Nd4j.zeros(DataType.FLOAT, 1, length);
        parameterGradient = Nd4j.zeros(DataType.FLOAT, 1, length);
        int from = 0;
        for (int i = 0; i < layers; i++) {
            int in = workload.layers().get(i).in();
            int out = workload.layers().get(i).out();
            weights.add(view(parameters, from, out, in));
            weightGradients.add(view(parameterGradient, from, out, in));
            double bound = Math.sqrt(6.0 / in);
            Nd4j.getExecutioner().exec(new UniformDistribution(weights.get(i), -bound, bound));
            from += in * out;
            biases.add(view(parameters, from, out, 1));
            biasGradients.add(view(parameterGradient, from, out, 1));
            from += out;
            outputs.add(Nd4j.create(DataType.FLOAT, new long[] {out, batch}, ORDER));
            gradients.add(Nd4j.create(DataType.FLOAT, new long[] {out, batch}, ORDER));
        }
        x = Nd4j.create(DataType.FLOAT, new long[] {Synthetic.FEATURES, batch}, ORDER);
        inputGradient = Nd4j.create(DataType.FLOAT, new long[] {Synthetic.FEATURES, batch}, ORDER);
        probabilities = Nd4j.create(DataType.FLOAT, new long[] {Synthetic.CLASSES, batch}, ORDER);
        origin = x.dup(ORDER);
        low = x.dup(ORDER);
        high = x.dup(ORDER);
        oneHot = probabilities.dup(ORDER);
        updater = new Adam(Workload.LEARNING_RATE).instantiate(Nd4j.zeros(DataType.FLOAT, 1, 2L * length), true);
    }

    private static INDArray view(INDArray vector, int from, int rows, int columns) {
        return vector.get(NDArrayIndex.all(), NDArrayIndex.interval(from, from + rows * columns))
                .reshape(ORDER, rows, columns);
    }

    @Override
    protected void train(int[] indices) {
        gather(indices);
        double epsilon = workload.epsilon();
        low = Transforms.max(origin.sub(epsilon), 0.0, false);
        high = Transforms.min(origin.add(epsilon), 1.0, false);
        Nd4j.getExecutioner().exec(new UniformDistribution(x, -epsilon, epsilon));
        x.addi(origin);
        clip();
        for (int k = 0; k < workload.steps(); k++) {
            forward();
            backward();
            Nd4j.gemm(weights.get(0), gradients.get(0), inputGradient, true, false, 1, 0);
            x.addi(Transforms.sign(inputGradient, false).muli(workload.stepSize()));
            clip();
        }
        forward();
        backward();
        double share = 1.0 / workload.batch();
        for (int i = 0; i < layers; i++) {
            INDArray below = i == 0 ? x : outputs.get(i - 1);
            Nd4j.gemm(gradients.get(i), below, weightGradients.get(i), false, true, share, 0);
            biasGradients.get(i).assign(gradients.get(i).sum(true, 1).muli(share));
        }
        updater.applyUpdater(parameterGradient, iteration++, 0);
        parameters.subi(parameterGradient);
    }

    private void gather(int[] indices) {
        int d = Synthetic.FEATURES;
        float[] pixels = new float[indices.length * d];
        float[] hot = new float[indices.length * Synthetic.CLASSES];
        targets = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(data.floats, indices[i] * d, pixels, i * d, d);
            targets[i] = data.labels[indices[i]];
            hot[i * Synthetic.CLASSES + targets[i]] = 1;
        }
        origin = Nd4j.create(pixels, new long[] {d, indices.length}, ORDER);
        oneHot = Nd4j.create(hot, new long[] {Synthetic.CLASSES, indices.length}, ORDER);
    }

    private void clip() {
        Transforms.max(x, low, false);
        Transforms.min(x, high, false);
    }

    private void forward() {
        INDArray h = x;
        for (int i = 0; i < layers; i++) {
            INDArray y = outputs.get(i);
            Nd4j.gemm(weights.get(i), h, y, false, false, 1, 0);
            y.addiColumnVector(biases.get(i));
            if (i + 1 < layers) {
                Transforms.relu(y, false);
            }
            h = y;
        }
        Nd4j.getExecutioner().exec(new SoftMax(h, probabilities, 0));
    }

    private void backward() {
        probabilities.subi(oneHot, gradients.get(layers - 1));
        for (int i = layers - 1; i > 0; i--) {
            INDArray below = gradients.get(i - 1);
            Nd4j.gemm(weights.get(i), gradients.get(i), below, true, false, 1, 0);
            below.muli(Transforms.sign(outputs.get(i - 1), true));
        }
    }

    @Override
    protected double lastLoss() {
        double total = 0;
        for (int i = 0; i < targets.length; i++) {
            total -= Math.log(Math.max(1e-30, probabilities.getDouble(targets[i], i)));
        }
        return total / targets.length;
    }

    @Override
    protected float[] lastInputs() {
        return x.dup(ORDER).data().asFloat();
    }

    @Override
    protected float[] lastOriginals() {
        return origin.dup(ORDER).data().asFloat();
    }
}
