package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.Precision;

/** kernels/convolution_weight_gradient.cu. */
final class ConvolutionWeightGradient {
    /** Examples whose sums are added up before the next ones'. */
    private static final int CHUNK = 32;
    /** Positions of a part, about: their sum is one chain, long enough to be worth a block. */
    private static final long PART_POSITIONS = 4096;
    /** Blocks a chunk that are enough without parts: partial sums are as many copies of the filters. */
    private static final long CHUNK_BLOCKS = 64;

    private final CudaDriver driver;
    private final Rounded kernels;
    private final Kernel sum;
    private final Workspace workspace;

    ConvolutionWeightGradient(CudaDriver driver, KernelModule module, Workspace workspace) {
        this.driver = driver;
        kernels = new Rounded(module, "convolution_weight_gradient");
        sum = module.kernel("convolution_weight_gradient_sum");
        this.workspace = workspace;
    }

    void run(
            Precision precision,
            int n,
            Convolution shape,
            Buffer x,
            Buffer dy,
            Buffer dWeights,
            @Nullable Buffer dBias) {
        CudaBuffer input = Checked.floats(x, (long) n * shape.inputSize(), "x");
        CudaBuffer gradient = Checked.floats(dy, (long) n * shape.outputSize(), "dy");
        CudaBuffer dw = Checked.floats(dWeights, shape.weightSize(), "weight gradient");
        CudaBuffer db = Checked.floatsOrNull(dBias, shape.filters(), "bias gradient");
        if (n == 0) {
            driver.fill(dw, 0, shape.weightSize());
            if (db != null) {
                driver.fill(db, 0, shape.filters());
            }
            return;
        }
        int channels = shape.channels() / shape.groups();
        int filters = shape.filters() / shape.groups();
        int taps = shape.window().height() * shape.window().width();
        int side = filters <= 32 ? 32 : 64;
        long tiles = shape.groups() * Kernel.ceil(filters, side) * Kernel.ceil((long) taps * channels, side);
        int part = part((long) shape.outputHeight() * shape.outputWidth(), tiles);
        long parts = Kernel.ceil(n, part);
        long length = (long) shape.weightSize() + shape.filters();
        CudaBuffer partial = workspace.floats(parts * length);
        ImageLaunch.with(kernels.at(precision).blocks(parts * tiles, ImageLaunch.TILE_THREADS), n, shape)
                .with(part)
                .with(input)
                .with(gradient)
                .with(partial)
                .run();
        sum.elements(length)
                .with((int) parts)
                .with(CHUNK / part)
                .with(shape.filters())
                .with(taps)
                .with(channels)
                .with(partial)
                .with(dw)
                .with(db)
                .run();
    }

    /** Examples of a part, by the layer's geometry: a power of two up to a chunk. */
    static int part(long positions, long tiles) {
        int part = CHUNK;
        while (part > 1 && part * positions > PART_POSITIONS && CHUNK / part * tiles < CHUNK_BLOCKS) {
            part /= 2;
        }
        return part;
    }
}
