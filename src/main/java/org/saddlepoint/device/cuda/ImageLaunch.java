package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.Pooling;
import org.saddlepoint.device.Window;

/**
 * What the launchers of image kernels share: kernels/prelude/convolution.cuh and pooling.cuh have the same rules. Tiles
 * follow from a layer's geometry alone, never from the number of examples.
 */
final class ImageLaunch {
    /** The block of convolutions. */
    static final int TILE_THREADS = 128;

    private static final int MOST_ROWS = 65535; // of a grid; a block takes every so many examples

    private ImageLaunch() {}

    /** Blocks of a product with so many rows, and so many columns in each group. */
    static long blocks(long rows, int groups, int columns) {
        int tileRows = columns <= 16 ? 32 : 64;
        int tileColumns = columns <= 16 ? 16 : columns <= 32 ? 32 : 64;
        return Kernel.ceil(rows, tileRows) * groups * Kernel.ceil(columns, tileColumns);
    }

    /** Refuses more positions than kernels count. */
    static long positions(int n, long each, String kernel) {
        long positions = n * each;
        if (positions > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(kernel + " of " + n + " examples of " + each
                    + " positions: it takes 2^31 - 1 positions at most: use a smaller batch");
        }
        return positions;
    }

    /** Geometry and number of examples, the first arguments of a convolution. */
    static Launch with(Launch launch, int n, Convolution shape) {
        launch.with(n)
                .with(shape.channels())
                .with(shape.height())
                .with(shape.width())
                .with(shape.filters())
                .with(shape.outputHeight())
                .with(shape.outputWidth());
        return with(launch, shape.window()).with(shape.groups()).with(shape.channelsFirst());
    }

    /** A launch with a thread for each value of an example; geometry and number of examples are its first arguments. */
    static Launch over(Kernel kernel, int size, int n, Pooling shape) {
        Launch launch = kernel.grid(Kernel.ceil(size, Kernel.THREADS), Math.min(n, MOST_ROWS), Kernel.THREADS, 0)
                .with(n)
                .with(shape.channels())
                .with(shape.height())
                .with(shape.width())
                .with(shape.outputHeight())
                .with(shape.outputWidth());
        return with(launch, shape.window());
    }

    /** A launch with a block for each tile of an example. */
    static Launch tiles(Kernel kernel, long tiles, int n) {
        return kernel.grid(tiles, Math.min(n, MOST_ROWS), Kernel.THREADS, 0);
    }

    private static Launch with(Launch launch, Window window) {
        return launch.with(window.height())
                .with(window.width())
                .with(window.strideY())
                .with(window.strideX())
                .with(window.top())
                .with(window.left())
                .with(window.dilationY())
                .with(window.dilationX());
    }
}
