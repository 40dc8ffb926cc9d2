package org.saddlepoint.model;

import static org.saddlepoint.model.Layers.batchNorm;
import static org.saddlepoint.model.Layers.conv;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.flatten;
import static org.saddlepoint.model.Layers.globalAveragePool;
import static org.saddlepoint.model.Layers.maxPool;
import static org.saddlepoint.model.Layers.relu;

import java.util.ArrayList;
import java.util.List;
import org.saddlepoint.device.Recurrence;
import org.saddlepoint.device.Window;

/** Networks that the field's papers measure with. Inputs are channels x height x width unless said otherwise. */
public final class Architectures {
    private Architectures() {}

    /**
     * The small network of "Fast is better than free" (Wong et al. 2020): 16 and 32 channels, 4x4 with stride 2, then 100
     * features.
     *
     * @param input of one image, at least 4 x 4 pixels
     * @param classes logits
     * @return the model
     */
    public static Model smallCnn(Shape input, int classes) {
        int channels = channels(input);
        List<Layer> layers =
                new ArrayList<>(List.of(conv(channels, 16, 4, 2, 1), relu(), conv(16, 32, 4, 2, 1), relu(), flatten()));
        return ending(input, layers, 100, classes);
    }

    /**
     * The MNIST network of Madry et al. (2018): 32 and 64 channels, 5x5, each with max pooling by 2, then 1,024 features.
     *
     * @param input of one image, at least 4 x 4 pixels
     * @param classes logits
     * @return the model
     */
    public static Model madryCnn(Shape input, int classes) {
        int channels = channels(input);
        List<Layer> layers = new ArrayList<>(List.of(
                conv(channels, 32, 5, 1, 2), relu(), maxPool(2), conv(32, 64, 5, 1, 2), relu(), maxPool(2), flatten()));
        return ending(input, layers, 1024, classes);
    }

    private static Model ending(Shape input, List<Layer> layers, int hidden, int classes) {
        layers.addAll(List.of(dense(sizeAfter(input, layers), hidden), relu(), dense(hidden, classes)));
        return new Model(input, layers);
    }

    private static int sizeAfter(Shape input, List<Layer> layers) {
        Shape shape = input;
        for (Layer layer : layers) {
            shape = layer.output(shape);
        }
        return shape.size();
    }

    /**
     * ResNet-18 with pre-activation for images of CIFAR's size (He et al. 2016, "Identity mappings in deep residual
     * networks"): 64, 128, 256 and 512 channels, two blocks each, the first of the last three with stride 2.
     *
     * @param input of one image
     * @param classes logits
     * @return the model
     */
    public static Model resnet18(Shape input, int classes) {
        List<Layer> layers = new ArrayList<>();
        layers.add(convolution(channels(input), 64, 3, 1));
        int in = 64;
        for (int stage = 0; stage < 4; stage++) {
            int out = 64 << stage;
            for (int block = 0; block < 2; block++) {
                addBlock(layers, in, out, stage > 0 && block == 0 ? 2 : 1);
                in = out;
            }
        }
        layers.addAll(List.of(batchNorm(512), relu(), globalAveragePool(), dense(512, classes)));
        return new Model(input, layers);
    }

    /** The shortcut of a block that changes the shape branches off after the first activation, else before it. */
    private static void addBlock(List<Layer> layers, int in, int out, int stride) {
        List<Layer> activation = List.of(batchNorm(in), relu());
        List<Layer> body = new ArrayList<>();
        List<Layer> shortcut = List.of();
        if (in == out && stride == 1) {
            body.addAll(activation);
        } else {
            layers.addAll(activation);
            shortcut = List.of(convolution(in, out, 1, stride));
        }
        body.addAll(List.of(convolution(in, out, 3, stride), batchNorm(out), relu(), convolution(out, out, 3, 1)));
        layers.add(new Branches(List.of(body, shortcut), Branches.Join.ADD));
    }

    /** Without a bias: a normalisation follows. */
    private static Layer convolution(int in, int out, int size, int stride) {
        return new Conv2d(in, out, Window.square(size, stride, size / 2), 1, false);
    }

    /**
     * Recurrent layers, of which each but the last hands on all its states, and a dense layer on the last state.
     *
     * @param kind of cell
     * @param input steps x features, or an image of one channel, whose rows are the steps
     * @param hidden features of each layer's state
     * @param classes logits
     * @return the model
     */
    public static Model recurrent(Recurrence.Kind kind, Shape input, List<Integer> hidden, int classes) {
        List<Integer> sizes = input.dimensions();
        List<Layer> layers = new ArrayList<>();
        if (sizes.size() == 3 && sizes.getFirst() == 1) {
            layers.add(new Reshape(Shape.of(sizes.get(1), sizes.get(2))));
        } else if (sizes.size() != 2) {
            throw new IllegalArgumentException("a recurrent network cannot take an input of shape " + input
                    + ": it needs STEPSxFEATURES, or an image of one channel");
        }
        int in = sizes.getLast();
        for (int i = 0; i < hidden.size(); i++) {
            layers.add(new Recurrent(kind, in, hidden.get(i), i + 1 < hidden.size()));
            in = hidden.get(i);
        }
        layers.add(dense(in, classes));
        return new Model(input, layers);
    }

    private static int channels(Shape input) {
        if (input.dimensions().size() != 3) {
            throw new IllegalArgumentException("a convolutional network cannot take an input of shape " + input
                    + ": it needs CHANNELSxHEIGHTxWIDTH");
        }
        return input.dimensions().getFirst();
    }
}
