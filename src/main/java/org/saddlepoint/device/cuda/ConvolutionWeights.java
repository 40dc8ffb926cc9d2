package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Convolution;

/**
 * A convolution's filters as its kernels read them: kernel rows x kernel columns x channels, where they are stored as
 * channels x kernel rows x kernel columns. One copy serves both directions, at every precision.
 */
final class ConvolutionWeights {
    private ConvolutionWeights() {}

    private static int taps(Convolution shape) {
        return shape.window().height() * shape.window().width();
    }

    /** Floats of the copy; 0 where both orders are one. */
    static long preparedLength(Convolution shape) {
        boolean same = taps(shape) == 1 || shape.channels() == shape.groups();
        return same ? 0 : shape.weightSize();
    }

    static void prepare(Transpose transpose, Convolution shape, Buffer weights, Buffer prepared) {
        Checked.floats(weights, shape.weightSize(), "weights");
        if (preparedLength(shape) > 0) {
            transpose.run(shape.filters(), shape.channels() / shape.groups(), taps(shape), weights, prepared);
        }
    }

    /** What kernels read. */
    static CudaBuffer of(Convolution shape, Buffer weights, Buffer prepared) {
        CudaBuffer stored = Checked.floats(weights, shape.weightSize(), "weights");
        long length = preparedLength(shape);
        return length == 0 ? stored : Checked.floats(prepared, length, "prepared");
    }
}
