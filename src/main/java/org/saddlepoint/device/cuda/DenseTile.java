package org.saddlepoint.device.cuda;

/**
 * The tile of a dense product that a block owns: kernels/prelude/gemm.cuh has the same rule. It follows from the product's
 * width alone, never from the number of examples, so that an example's bits do not depend on its batch.
 *
 * @param rows of the result
 * @param columns of the result
 */
record DenseTile(int rows, int columns) {
    static final int THREADS = 128;

    static DenseTile of(int width) {
        if (width <= 16) {
            return new DenseTile(32, 16);
        }
        return width <= 256 ? new DenseTile(32, 32) : new DenseTile(64, 64);
    }

    /** A launch over a result of that many rows and columns. */
    Launch over(Kernel kernel, int height, int width) {
        return kernel.grid(Kernel.ceil(height, rows), Kernel.ceil(width, columns), THREADS, 0);
    }
}
