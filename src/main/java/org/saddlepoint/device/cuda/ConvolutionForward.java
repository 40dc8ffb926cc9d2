package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.Precision;

/** kernels/convolution_forward.cu. */
final class ConvolutionForward {
    private final Rounded kernels;

    ConvolutionForward(KernelModule module) {
        kernels = new Rounded(module, "convolution_forward");
    }

    void run(
            Precision precision,
            int n,
            Convolution shape,
            Buffer x,
            CudaBuffer weights,
            @Nullable Buffer bias,
            Activation activation,
            Buffer y) {
        CudaBuffer input = Checked.floats(x, (long) n * shape.inputSize(), "x");
        CudaBuffer b = Checked.floatsOrNull(bias, shape.filters(), "bias");
        CudaBuffer output = Checked.floats(y, (long) n * shape.outputSize(), "y");
        if (n == 0) {
            return;
        }
        long positions =
                ImageLaunch.positions(n, (long) shape.outputHeight() * shape.outputWidth(), "convolution_forward");
        long blocks = ImageLaunch.blocks(positions, shape.groups(), shape.filters() / shape.groups());
        ImageLaunch.with(kernels.at(precision).blocks(blocks, ImageLaunch.TILE_THREADS), n, shape)
                .with(input)
                .with(weights)
                .with(b)
                .with(activation.kind().ordinal())
                .with(activation.slope())
                .with(output)
                .run();
    }
}
