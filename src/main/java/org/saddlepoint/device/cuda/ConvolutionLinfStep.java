package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Precision;

/** kernels/convolution_linf_step.cu. */
final class ConvolutionLinfStep {
    private final Rounded kernels;
    private final Scratch scratch;

    ConvolutionLinfStep(KernelModule module, Scratch scratch) {
        kernels = new Rounded(module, "convolution_linf_step");
        this.scratch = scratch;
    }

    void run(Precision precision, Convolution shape, Buffer dy, CudaBuffer weights, Loop loop) {
        int n = loop.n();
        CudaBuffer gradient = Checked.floats(dy, (long) n * shape.outputSize(), "dy");
        CudaBuffer origin = Checked.floats(loop.origin(), (long) n * shape.inputSize(), "origin");
        CudaBuffer x = Checked.floats(loop.x(), (long) n * shape.inputSize(), "x");
        CudaBuffer beaten = Checked.beaten(loop);
        CudaBuffer zeros = Checked.zeroGradients(loop);
        if (n == 0) {
            return;
        }
        long blocks = ConvolutionInputGradient.blocks(n, shape, "convolution_linf_step");
        // A flag for each example, and a ticket.
        CudaBuffer flags = zeros == null ? null : scratch.ints(n + 1L);
        ImageLaunch.with(kernels.at(precision).blocks(blocks, ImageLaunch.TILE_THREADS), n, shape)
                .with(gradient)
                .with(weights)
                .with(origin)
                .with(loop.rule().stepSize())
                .with(loop.rule().threat().epsilon())
                .with(beaten)
                .with(zeros)
                .with(flags)
                .with(x)
                .run();
    }
}
