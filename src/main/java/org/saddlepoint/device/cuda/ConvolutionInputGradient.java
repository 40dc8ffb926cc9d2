package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.Window;

/** kernels/convolution_input_gradient.cu. */
final class ConvolutionInputGradient {
    private final Rounded kernels;

    ConvolutionInputGradient(KernelModule module) {
        kernels = new Rounded(module, "convolution_input_gradient");
    }

    /** Blocks of this kernel and of the step that follows it: those of the stride's largest phase, for each phase. */
    static long blocks(int n, Convolution shape, String kernel) {
        ImageLaunch.positions(n, (long) shape.height() * shape.width(), kernel);
        Window window = shape.window();
        int channels = shape.channels() / shape.groups();
        // Of few channels, neighbouring positions share a row.
        int together = channels <= 8 && window.strideX() % window.dilationX() == 0 ? 16 / channels : 1;
        long rows = n
                * Kernel.ceil(shape.height(), window.strideY())
                * Kernel.ceil(Kernel.ceil(shape.width(), window.strideX()), together);
        return (long) window.strideY()
                * window.strideX()
                * ImageLaunch.blocks(rows, shape.groups(), together * channels);
    }

    void run(
            Precision precision,
            int n,
            Convolution shape,
            Buffer dy,
            CudaBuffer weights,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx) {
        CudaBuffer gradient = Checked.floats(dy, (long) n * shape.outputSize(), "dy");
        CudaBuffer y = Checked.before(activation, before, (long) n * shape.inputSize());
        CudaBuffer result = Checked.floats(dx, (long) n * shape.inputSize(), "dx");
        if (n == 0) {
            return;
        }
        long blocks = blocks(n, shape, "convolution_input_gradient");
        ImageLaunch.with(kernels.at(precision).blocks(blocks, ImageLaunch.TILE_THREADS), n, shape)
                .with(gradient)
                .with(weights)
                .with(y)
                .with(activation.kind().ordinal())
                .with(activation.slope())
                .with(result)
                .run();
    }
}
