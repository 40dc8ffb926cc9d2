package org.saddlepoint.device.cuda;

import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.DeviceException;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.Loop;

/**
 * The float32 products of dense layers by cuBLAS, with our kernels after them: asked for by name, never needed. cuBLAS
 * chooses its kernel by all sizes, so results repeat at one batch size alone. Its kernels are not counted as launches.
 *
 * <p>cuBLAS stores matrices by columns: what is n x d here is its d x n.
 */
final class CublasProducts {
    /** The name of the provider. */
    static final String NAME = "cublas";

    private static final int PLAIN = cublasOperation.CUBLAS_OP_N;
    private static final int TRANSPOSED = cublasOperation.CUBLAS_OP_T;
    private static final Pointer ONE = Pointer.to(new float[] {1f});
    private static final Pointer ZERO = Pointer.to(new float[] {0f});
    /** What cuBLAS asks for on the largest GPUs; without it, it would allocate while a step is recorded. */
    private static final long WORKSPACE_BYTES = 32L << 20;

    private final CudaDriver driver;
    private final CudaArena arena;
    private final Launchers launchers;
    private final cublasHandle handle = new cublasHandle();
    private @Nullable CudaBuffer ones;
    private @Nullable CudaBuffer gradients;

    CublasProducts(CudaDriver driver, CudaArena arena, Launchers launchers) {
        this.driver = driver;
        this.arena = arena;
        this.launchers = launchers;
        String missing = CudaNatives.load("JCublas2", "jcuda.jcublas.JCublas2");
        if (missing != null) {
            throw new IllegalArgumentException("the provider " + NAME + " is not there: " + missing);
        }
        JCublas2.setExceptionsEnabled(false);
        CudaBuffer workspace = arena.allocate(ElementType.UINT8, WORKSPACE_BYTES);
        driver.run(() -> {
            check(JCublas2.cublasCreate(handle), "cublasCreate");
            check(JCublas2.cublasSetStream(handle, new cudaStream_t(driver.compute())), "cublasSetStream");
            check(
                    JCublas2.cublasSetWorkspace(handle, new CudaPointer(workspace.address()), WORKSPACE_BYTES),
                    "cublasSetWorkspace");
        });
    }

    /** The version of the library, such as 12.6.0. */
    String version() {
        int[] version = new int[1];
        driver.run(() -> check(JCublas2.cublasGetVersion(handle, version), "cublasGetVersion"));
        return version[0] / 10000 + "." + version[0] / 100 % 100 + "." + version[0] % 100;
    }

    void forward(int n, int in, int out, Buffer x, Buffer weights, Buffer bias, Activation activation, Buffer y) {
        CudaBuffer input = Checked.floats(x, (long) n * in, "x");
        CudaBuffer w = Checked.floats(weights, (long) in * out, "weights");
        Checked.floats(bias, out, "bias");
        CudaBuffer output = Checked.floats(y, (long) n * out, "y");
        if (n == 0) {
            return;
        }
        multiply(TRANSPOSED, PLAIN, out, n, in, w, in, input, in, output, out);
        launchers.scaleShift.run(n, out, 1, y, ones(out), bias, y);
        if (activation.kind() != Activation.Kind.IDENTITY) {
            launchers.activationForward.run((long) n * out, y, activation, y);
        }
    }

    void inputGradient(
            int n,
            int in,
            int out,
            Buffer dy,
            Buffer weights,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx) {
        if (before == null && activation.kind() != Activation.Kind.IDENTITY) {
            throw new IllegalArgumentException("the derivative of " + activation.kind() + " needs its output");
        }
        CudaBuffer gradient = Checked.floats(dy, (long) n * out, "dy");
        CudaBuffer w = Checked.floats(weights, (long) in * out, "weights");
        CudaBuffer result = Checked.floats(dx, (long) n * in, "dx");
        if (n == 0) {
            return;
        }
        multiply(PLAIN, PLAIN, in, n, out, w, in, gradient, out, result, in);
        if (before != null && activation.kind() != Activation.Kind.IDENTITY) {
            launchers.activationGradient.run((long) n * in, before, dx, activation, dx);
        }
    }

    void weightGradient(int n, int in, int out, Buffer x, Buffer dy, Buffer dWeights, Buffer dBias) {
        CudaBuffer input = Checked.floats(x, (long) n * in, "x");
        CudaBuffer gradient = Checked.floats(dy, (long) n * out, "dy");
        CudaBuffer dw = Checked.floats(dWeights, (long) in * out, "weight gradient");
        CudaBuffer db = Checked.floats(dBias, out, "bias gradient");
        if (n == 0) {
            driver.fill(dw, 0, (long) in * out);
            driver.fill(db, 0, out);
            return;
        }
        multiply(PLAIN, TRANSPOSED, in, out, n, input, in, gradient, out, dw, in);
        multiply(PLAIN, PLAIN, out, 1, n, gradient, out, ones(n), n, db, out);
    }

    void linfStep(int out, Buffer dy, Buffer weights, Loop loop, int d) {
        CudaBuffer gradient = gradients((long) loop.n() * d);
        inputGradient(loop.n(), d, out, dy, weights, Activation.IDENTITY, null, gradient);
        if (loop.n() > 0) {
            launchers.linfStep.run(StepArguments.step(loop, d, gradient));
        }
    }

    /** c (m x n, by columns) = a b, with k the length of their sums. */
    private void multiply(
            int formOfA,
            int formOfB,
            int m,
            int n,
            int k,
            CudaBuffer a,
            int strideOfA,
            CudaBuffer b,
            int strideOfB,
            CudaBuffer c,
            int strideOfC) {
        driver.use(a);
        driver.use(b);
        driver.use(c);
        int status = JCublas2.cublasSgemm(
                handle,
                formOfA,
                formOfB,
                m,
                n,
                k,
                ONE,
                new CudaPointer(a.address()),
                strideOfA,
                new CudaPointer(b.address()),
                strideOfB,
                ZERO,
                new CudaPointer(c.address()),
                strideOfC);
        check(status, "cublasSgemm of " + m + " x " + n + " x " + k);
        driver.afterLaunch("cublasSgemm");
    }

    private CudaBuffer ones(long length) {
        CudaBuffer known = ones;
        if (known == null || known.length() < length) {
            known = arena.allocate(ElementType.FLOAT32, Math.max(length, 1 << 12), null);
            driver.fill(known, Float.floatToRawIntBits(1f), known.length());
            ones = known;
        }
        return known;
    }

    private CudaBuffer gradients(long length) {
        CudaBuffer known = gradients;
        if (known == null || known.length() < length) {
            known = arena.allocate(ElementType.FLOAT32, length, null);
            gradients = known;
        }
        return known;
    }

    /** Inside {@link CudaDriver#close(Runnable)}. */
    void release() {
        JCublas2.cublasDestroy(handle);
    }

    private static void check(int status, String operation) {
        if (status != 0) {
            throw new DeviceException(
                    operation + " failed: " + JCublas2.cublasGetStatusName(status) + " (" + status + ")", false);
        }
    }
}
