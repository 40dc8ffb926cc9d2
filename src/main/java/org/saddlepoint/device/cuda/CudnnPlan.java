package org.saddlepoint.device.cuda;

import java.util.Arrays;
import java.util.function.Function;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnDeterminism;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import org.saddlepoint.device.Convolution;
import org.saddlepoint.device.DeviceException;
import org.saddlepoint.device.Window;

/**
 * How cuDNN computes one convolution at one batch size: descriptors, and the fastest algorithm, by cuDNN's own estimate,
 * that gives the same bits every time and multiplies in float32.
 */
final class CudnnPlan {
    private static final int FLOAT = cudnnDataType.CUDNN_DATA_FLOAT;
    private static final int CHANNELS_LAST = cudnnTensorFormat.CUDNN_TENSOR_NHWC;
    private static final int MOST = 16; // algorithms looked at: more than there are

    /**
     * An algorithm that cuDNN offers.
     *
     * @param algorithm its number
     * @param status whether it can do the work
     * @param workspace bytes that it needs
     * @param determinism whether it gives the same bits every time
     */
    record Way(int algorithm, int status, long workspace, int determinism) {
        boolean serves() {
            return status == 0 && determinism == cudnnDeterminism.CUDNN_DETERMINISTIC;
        }
    }

    final cudnnTensorDescriptor x = new cudnnTensorDescriptor();
    final cudnnTensorDescriptor y = new cudnnTensorDescriptor();
    final cudnnTensorDescriptor bias = new cudnnTensorDescriptor();
    final cudnnFilterDescriptor filters = new cudnnFilterDescriptor();
    final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();
    final Way forward;
    final Way inputGradient;
    final Way weightGradient;

    CudnnPlan(cudnnHandle handle, int n, Convolution shape) {
        Window window = shape.window();
        describe(x, n, shape.channels(), shape.height(), shape.width());
        describe(y, n, shape.filters(), shape.outputHeight(), shape.outputWidth());
        describe(bias, 1, shape.filters(), 1, 1);
        check(JCudnn.cudnnCreateFilterDescriptor(filters), "cudnnCreateFilterDescriptor");
        check(
                JCudnn.cudnnSetFilter4dDescriptor(
                        filters,
                        FLOAT,
                        CHANNELS_LAST,
                        shape.filters(),
                        shape.channels() / shape.groups(),
                        window.height(),
                        window.width()),
                "cudnnSetFilter4dDescriptor");
        check(JCudnn.cudnnCreateConvolutionDescriptor(convolution), "cudnnCreateConvolutionDescriptor");
        check(
                JCudnn.cudnnSetConvolution2dDescriptor(
                        convolution,
                        window.top(),
                        window.left(),
                        window.strideY(),
                        window.strideX(),
                        window.dilationY(),
                        window.dilationX(),
                        cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
                        FLOAT),
                "cudnnSetConvolution2dDescriptor");
        check(JCudnn.cudnnSetConvolutionGroupCount(convolution, shape.groups()), "cudnnSetConvolutionGroupCount");
        // Anything else may round operands to tf32.
        check(
                JCudnn.cudnnSetConvolutionMathType(convolution, cudnnMathType.CUDNN_FMA_MATH),
                "cudnnSetConvolutionMathType");
        forward = forwardWay(handle, shape);
        inputGradient = inputGradientWay(handle, shape);
        weightGradient = weightGradientWay(handle, shape);
    }

    private static void describe(cudnnTensorDescriptor tensor, int n, int channels, int height, int width) {
        check(JCudnn.cudnnCreateTensorDescriptor(tensor), "cudnnCreateTensorDescriptor");
        check(
                JCudnn.cudnnSetTensor4dDescriptor(tensor, CHANNELS_LAST, FLOAT, n, channels, height, width),
                "cudnnSetTensor4dDescriptor");
    }

    private Way forwardWay(cudnnHandle handle, Convolution shape) {
        cudnnConvolutionFwdAlgoPerf[] offers = new cudnnConvolutionFwdAlgoPerf[MOST];
        Arrays.setAll(offers, i -> new cudnnConvolutionFwdAlgoPerf());
        int[] count = new int[1];
        check(
                JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(handle, x, filters, convolution, y, MOST, count, offers),
                "cudnnGetConvolutionForwardAlgorithm_v7");
        return best(offers, count[0], p -> new Way(p.algo, p.status, p.memory, p.determinism), shape, "output");
    }

    private Way inputGradientWay(cudnnHandle handle, Convolution shape) {
        cudnnConvolutionBwdDataAlgoPerf[] offers = new cudnnConvolutionBwdDataAlgoPerf[MOST];
        Arrays.setAll(offers, i -> new cudnnConvolutionBwdDataAlgoPerf());
        int[] count = new int[1];
        check(
                JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                        handle, filters, y, convolution, x, MOST, count, offers),
                "cudnnGetConvolutionBackwardDataAlgorithm_v7");
        return best(offers, count[0], p -> new Way(p.algo, p.status, p.memory, p.determinism), shape, "input gradient");
    }

    private Way weightGradientWay(cudnnHandle handle, Convolution shape) {
        cudnnConvolutionBwdFilterAlgoPerf[] offers = new cudnnConvolutionBwdFilterAlgoPerf[MOST];
        Arrays.setAll(offers, i -> new cudnnConvolutionBwdFilterAlgoPerf());
        int[] count = new int[1];
        check(
                JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                        handle, x, y, convolution, filters, MOST, count, offers),
                "cudnnGetConvolutionBackwardFilterAlgorithm_v7");
        return best(
                offers, count[0], p -> new Way(p.algo, p.status, p.memory, p.determinism), shape, "weight gradient");
    }

    private static <P> Way best(P[] offers, int count, Function<P, Way> way, Convolution shape, String what) {
        return Arrays.stream(offers, 0, count)
                .map(way)
                .filter(Way::serves)
                .findFirst()
                .orElseThrow(() -> new DeviceException(
                        "cuDNN has no repeatable algorithm for the " + what + " of " + shape + ": use the provider own",
                        false));
    }

    static void check(int status, String operation) {
        if (status != 0) {
            throw new DeviceException(
                    operation + " failed: " + JCudnn.cudnnGetErrorString(status) + " (" + status + ")", false);
        }
    }

    void release() {
        JCudnn.cudnnDestroyTensorDescriptor(x);
        JCudnn.cudnnDestroyTensorDescriptor(y);
        JCudnn.cudnnDestroyTensorDescriptor(bias);
        JCudnn.cudnnDestroyFilterDescriptor(filters);
        JCudnn.cudnnDestroyConvolutionDescriptor(convolution);
    }
}
