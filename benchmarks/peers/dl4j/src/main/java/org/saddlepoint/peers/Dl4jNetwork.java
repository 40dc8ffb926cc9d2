package org.saddlepoint.peers;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.random.impl.UniformDistribution;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.linalg.ops.transforms.Transforms;

/** A MultiLayerNetwork. It has no way to the input gradient that does not compute weight gradients too. */
final class Dl4jNetwork extends BatchSession {
    private final Workload workload;
    private final Synthetic data = new Synthetic();
    private final MultiLayerNetwork network;
    private INDArray x;
    private INDArray origin;

    Dl4jNetwork(Workload workload) {
        super(workload);
        this.workload = workload;
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(DataType.FLOAT)
                .weightInit(WeightInit.RELU)
                .updater(new Adam(Workload.LEARNING_RATE))
                .list();
        int last = workload.layers().size() - 1;
        for (Workload.Layer layer : workload.layers().subList(0, last)) {
            if (layer.convolution()) {
                layers.layer(new ConvolutionLayer.Builder(Workload.KERNEL, Workload.KERNEL)
                        .nIn(layer.in())
                        .nOut(layer.out())
                        .convolutionMode(ConvolutionMode.Same)
                        .activation(Activation.RELU)
                        .build());
                layers.layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                        .kernelSize(Workload.POOL, Workload.POOL)
                        .stride(Workload.POOL, Workload.POOL)
                        .build());
            } else {
                layers.layer(new DenseLayer.Builder()
                        .nIn(layer.in())
                        .nOut(layer.out())
                        .activation(Activation.RELU)
                        .build());
            }
        }
        layers.layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nIn(workload.layers().get(last).in())
                .nOut(Synthetic.CLASSES)
                .activation(Activation.SOFTMAX)
                .build());
        if (workload.convolutional()) {
            layers.setInputType(InputType.convolutionalFlat(Synthetic.SIDE, Synthetic.SIDE, 1));
        }
        network = new MultiLayerNetwork(layers.build());
        network.init();
        x = Nd4j.zeros(DataType.FLOAT, workload.batch(), Synthetic.FEATURES);
        origin = x;
    }

    @Override
    protected void train(int[] indices) {
        int d = Synthetic.FEATURES;
        float[] pixels = new float[indices.length * d];
        float[] hot = new float[indices.length * Synthetic.CLASSES];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(data.floats, indices[i] * d, pixels, i * d, d);
            hot[i * Synthetic.CLASSES + data.labels[indices[i]]] = 1;
        }
        double epsilon = workload.epsilon();
        origin = Nd4j.create(pixels, new long[] {indices.length, d}, 'c');
        INDArray labels = Nd4j.create(hot, new long[] {indices.length, Synthetic.CLASSES}, 'c');
        INDArray low = Transforms.max(origin.sub(epsilon), 0.0, false);
        INDArray high = Transforms.min(origin.add(epsilon), 1.0, false);
        Nd4j.getExecutioner().exec(new UniformDistribution(x, -epsilon, epsilon));
        x.addi(origin);
        clip(low, high);
        for (int k = 0; k < workload.steps(); k++) {
            INDArray gradient =
                    network.calculateGradients(x, labels, null, null).getSecond();
            x.addi(Transforms.sign(gradient, false).muli(workload.stepSize()));
            clip(low, high);
        }
        network.fit(x, labels);
    }

    private void clip(INDArray low, INDArray high) {
        Transforms.max(x, low, false);
        Transforms.min(x, high, false);
    }

    @Override
    protected double lastLoss() {
        return network.score();
    }

    @Override
    protected float[] lastInputs() {
        return x.dup('c').data().asFloat();
    }

    @Override
    protected float[] lastOriginals() {
        return origin.dup('c').data().asFloat();
    }
}
