package org.saddlepoint.device.cuda;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Loop;

/**
 * What the step kernels of all norms take.
 *
 * @param n rows
 * @param d values of a row
 * @param gradient n x d, or null: a projection alone
 * @param origin n x d
 * @param stepSize the length of the step
 * @param epsilon the radius of the ball
 * @param top how many coordinates share an L1 step
 * @param beaten n: rows left alone, or null
 * @param zeroGradients n: counts, or null
 * @param x n x d, in place
 */
record StepArguments(
        int n,
        int d,
        @Nullable CudaBuffer gradient,
        CudaBuffer origin,
        float stepSize,
        float epsilon,
        int top,
        @Nullable CudaBuffer beaten,
        @Nullable CudaBuffer zeroGradients,
        CudaBuffer x) {
    static StepArguments step(Loop loop, int d, Buffer gradient) {
        long length = (long) loop.n() * d;
        return new StepArguments(
                loop.n(),
                d,
                Checked.floats(gradient, length, "gradient"),
                Checked.floats(loop.origin(), length, "origin"),
                loop.rule().stepSize(),
                loop.rule().threat().epsilon(),
                loop.rule().top(),
                Checked.beaten(loop),
                Checked.zeroGradients(loop),
                Checked.floats(loop.x(), length, "x"));
    }

    static StepArguments projection(float epsilon, int n, int d, Buffer origin, Buffer x) {
        return new StepArguments(
                n,
                d,
                null,
                Checked.floats(origin, (long) n * d, "origin"),
                0f,
                epsilon,
                1,
                null,
                null,
                Checked.floats(x, (long) n * d, "x"));
    }
}
