package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.ElementType;

/** kernels/gather.cu: rows and labels of a data set by index. Indices are not checked: they lie on the device. */
final class Gather {
    private final Kernel bytes;
    private final Kernel floats;
    private final Kernel ints;

    Gather(KernelModule module) {
        bytes = module.kernel("gather_bytes");
        floats = module.kernel("gather_floats");
        ints = module.kernel("gather_ints");
    }

    void rows(int n, int d, Buffer source, Buffer indices, Buffer out) {
        boolean ofBytes = source.type() == ElementType.UINT8;
        CudaBuffer from = Checked.buffer(source, ofBytes ? ElementType.UINT8 : ElementType.FLOAT32, 0, "source");
        CudaBuffer index = Checked.ints(indices, n, "indices");
        CudaBuffer to = Checked.floats(out, (long) n * d, "out");
        if (n > 0) {
            (ofBytes ? bytes : floats)
                    .blocks(n, Kernel.THREADS)
                    .with(n)
                    .with(d)
                    .with(from)
                    .with(index)
                    .with(to)
                    .run();
        }
    }

    void labels(int n, Buffer source, Buffer indices, Buffer out) {
        CudaBuffer from = Checked.ints(source, 0, "source");
        CudaBuffer index = Checked.ints(indices, n, "indices");
        CudaBuffer to = Checked.ints(out, n, "out");
        if (n > 0) {
            ints.elements(n).with(n).with(from).with(index).with(to).run();
        }
    }
}
