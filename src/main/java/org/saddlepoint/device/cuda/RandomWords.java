package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.RandomStream;

/** kernels/random_start.cu: the random words themselves. */
final class RandomWords {
    private final Kernel kernel;

    RandomWords(KernelModule module) {
        kernel = module.kernel("random_words");
    }

    void run(int n, int d, Buffer indices, RandomStream random, int restart, Buffer words) {
        CudaBuffer index = Checked.ints(indices, n, "indices");
        CudaBuffer out = Checked.ints(words, (long) n * d, "words");
        if (n > 0) {
            kernel.rows(n)
                    .with(n)
                    .with(d)
                    .with(index)
                    .with(random.seed())
                    .with(random.word())
                    .with(restart)
                    .with(out)
                    .run();
        }
    }
}
