package org.saddlepoint.model;

import java.util.ArrayList;
import java.util.List;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.Window;

/**
 * A 2-D convolution of images (channels x height x width).
 *
 * @param in channels of the input, at least 1
 * @param out channels of the output, at least 1
 * @param window kernel, stride, padding, dilation
 * @param groups divides both; 1 for a plain convolution
 * @param bias whether a bias is added
 */
public record Conv2d(int in, int out, Window window, int groups, boolean bias) implements Layer {
    /** Checks the sizes. */
    public Conv2d {
        if (in < 1 || out < 1) {
            throw new IllegalArgumentException(
                    "a convolution of " + in + " to " + out + " channels: both must be at least 1");
        }
        if (groups < 1 || in % groups != 0 || out % groups != 0) {
            throw new IllegalArgumentException("a convolution of " + in + " to " + out + " channels in " + groups
                    + " groups: the number of groups must divide both");
        }
        if ((long) out * (in / groups) * window.height() * window.width() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a convolution of " + in + " to " + out + " channels with a kernel of "
                    + window.height() + "x" + window.width() + " has more than 2^31 - 1 weights");
        }
    }

    @Override
    public Shape output(Shape input) {
        List<Integer> sizes = input.dimensions();
        if (sizes.size() != 3 || sizes.get(0) != in) {
            throw new IllegalArgumentException("a convolution of " + in + " channels cannot take an input of shape "
                    + input + ": it needs " + in + "xHEIGHTxWIDTH");
        }
        int height = window.outputHeight(sizes.get(1));
        int width = window.outputWidth(sizes.get(2));
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "a convolution with a kernel of " + window + " does not fit into an input of shape " + input);
        }
        return Shape.of(out, height, width);
    }

    @Override
    public long flops(Shape input) {
        return 2L * output(input).size() * (in / groups) * window.height() * window.width();
    }

    @Override
    public List<TensorSpec> tensors() {
        List<TensorSpec> all = new ArrayList<>();
        all.add(new TensorSpec("weight", List.of(out, in / groups, window.height(), window.width())));
        if (bias) {
            all.add(new TensorSpec("bias", List.of(out)));
        }
        return List.copyOf(all);
    }

    /** What the device is told, for inputs of a shape. */
    Convolution on(Shape input, boolean channelsFirst) {
        List<Integer> sizes = input.dimensions();
        return new Convolution(in, sizes.get(1), sizes.get(2), out, window, groups, channelsFirst);
    }
}
