package org.saddlepoint.device;

/**
 * How a kernel moves over an image: the geometry that convolution and pooling share.
 *
 * @param height of the kernel
 * @param width of the kernel
 * @param strideY rows between two positions
 * @param strideX columns between two positions
 * @param top padding above the image, in rows
 * @param left padding on the left
 * @param bottom padding below
 * @param right padding on the right
 * @param dilationY rows between two taps of the kernel, at least 1
 * @param dilationX columns between two taps
 */
public record Window(
        int height,
        int width,
        int strideY,
        int strideX,
        int top,
        int left,
        int bottom,
        int right,
        int dilationY,
        int dilationX) {
    /** Checks the numbers. */
    public Window {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("a kernel of " + height + "x" + width + ": both must be at least 1");
        }
        if (strideY < 1 || strideX < 1) {
            throw new IllegalArgumentException("a stride of " + strideY + "x" + strideX + ": both must be at least 1");
        }
        if (dilationY < 1 || dilationX < 1) {
            throw new IllegalArgumentException(
                    "a dilation of " + dilationY + "x" + dilationX + ": both must be at least 1");
        }
        if (top < 0 || left < 0 || bottom < 0 || right < 0) {
            throw new IllegalArgumentException("padding of " + top + ", " + left + ", " + bottom + ", " + right
                    + " (top, left, bottom, right): none may be negative");
        }
    }

    /**
     * A square kernel.
     *
     * @param size of the kernel
     * @param stride between two positions
     * @param padding on each side
     * @return without dilation
     */
    public static Window square(int size, int stride, int padding) {
        return new Window(size, size, stride, stride, padding, padding, padding, padding, 1, 1);
    }

    /**
     * Rows of the output.
     *
     * @param rows of the input
     * @return below 1 where the kernel does not fit
     */
    public int outputHeight(int rows) {
        return positions((long) rows + top + bottom, height, dilationY, strideY);
    }

    /**
     * Columns of the output.
     *
     * @param columns of the input
     * @return below 1 where the kernel does not fit
     */
    public int outputWidth(int columns) {
        return positions((long) columns + left + right, width, dilationX, strideX);
    }

    private static int positions(long padded, int kernel, int dilation, int stride) {
        long span = (kernel - 1L) * dilation + 1;
        return padded < span ? 0 : Math.toIntExact((padded - span) / stride + 1);
    }

    @Override
    public String toString() {
        return height + "x" + width + (strideY == 1 && strideX == 1 ? "" : " stride " + pair(strideY, strideX))
                + (top == 0 && left == 0 && bottom == 0 && right == 0 ? "" : " padding " + padding())
                + (dilationY == 1 && dilationX == 1 ? "" : " dilation " + pair(dilationY, dilationX));
    }

    private String padding() {
        return top == bottom && left == right ? pair(top, left) : top + "," + left + "," + bottom + "," + right;
    }

    private static String pair(int y, int x) {
        return y == x ? String.valueOf(y) : y + "x" + x;
    }
}
