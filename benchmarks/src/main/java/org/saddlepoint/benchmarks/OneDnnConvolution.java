package org.saddlepoint.benchmarks;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.saddlepoint.device.Convolution;

/**
 * The baseline of the convolutions: oneDNN's primitives, float32, every operand in the layout that oneDNN chooses; what goes
 * in is brought into it before the clock starts, what comes out is brought back after. It takes its threads from
 * OMP_NUM_THREADS. Its memory lives as long as the process: one fork.
 */
final class OneDnnConvolution {
    private static final memory.data_type F32 = memory.data_type.f32;
    private static final dnnl.algorithm DIRECT = dnnl.algorithm.convolution_auto;

    private final engine cpu = new engine(engine.kind.cpu, 0);
    private final stream queue = new stream(cpu);
    private final IntMemoryMap arguments = new IntMemoryMap();
    private final long[] inputs;
    private final long[] weights;
    private final long[] outputs;
    private final long[] strides;
    private final long[] before;
    private final long[] after;
    private final memory.format_tag inputTag;
    private primitive product;
    private memory result;
    private memory.desc resultLayout;

    private OneDnnConvolution(int threads, int n, Convolution layer) {
        if (!Integer.toString(threads).equals(System.getenv("OMP_NUM_THREADS"))) {
            throw new IllegalStateException("OMP_NUM_THREADS must be " + threads + ": see benchmarks/run");
        }
        inputs = new long[] {n, layer.channels(), layer.height(), layer.width()};
        weights = new long[] {
            layer.filters(),
            layer.channels(),
            layer.window().height(),
            layer.window().width()
        };
        outputs = new long[] {n, layer.filters(), layer.outputHeight(), layer.outputWidth()};
        strides = new long[] {layer.window().strideY(), layer.window().strideX()};
        before = new long[] {layer.window().top(), layer.window().left()};
        after = new long[] {layer.window().bottom(), layer.window().right()};
        inputTag = layer.channelsFirst() ? memory.format_tag.abcd : memory.format_tag.acdb;
    }

    /** y = relu(x * W + b). */
    static OneDnnConvolution forward(int threads, int n, Convolution layer, float[] x, float[] w, float[] b) {
        OneDnnConvolution all = new OneDnnConvolution(threads, n, layer);
        post_ops relu = new post_ops();
        relu.append_eltwise(dnnl.algorithm.eltwise_relu, 0f, 0f);
        primitive_attr attributes = new primitive_attr();
        attributes.set_post_ops(relu);
        convolution_forward.primitive_desc plan = all.plan(attributes);
        all.product = new convolution_forward(plan);
        all.in(dnnl.DNNL_ARG_SRC, all.inputs, all.inputTag, x, plan.src_desc());
        all.in(dnnl.DNNL_ARG_WEIGHTS, all.weights, memory.format_tag.abcd, w, plan.weights_desc());
        all.in(dnnl.DNNL_ARG_BIAS, new long[] {layer.filters()}, memory.format_tag.a, b, plan.bias_desc());
        all.out(dnnl.DNNL_ARG_DST, all.outputs, memory.format_tag.acdb, plan.dst_desc());
        return all;
    }

    /** The gradient with respect to x. */
    static OneDnnConvolution inputGradient(int threads, int n, Convolution layer, float[] dy, float[] w) {
        OneDnnConvolution all = new OneDnnConvolution(threads, n, layer);
        convolution_backward_data.primitive_desc plan = new convolution_backward_data.primitive_desc(
                all.cpu,
                DIRECT,
                any(all.inputs),
                any(all.weights),
                any(all.outputs),
                all.strides,
                all.before,
                all.after,
                all.plan(new primitive_attr()));
        all.product = new convolution_backward_data(plan);
        all.in(dnnl.DNNL_ARG_DIFF_DST, all.outputs, memory.format_tag.acdb, dy, plan.diff_dst_desc());
        all.in(dnnl.DNNL_ARG_WEIGHTS, all.weights, memory.format_tag.abcd, w, plan.weights_desc());
        all.out(dnnl.DNNL_ARG_DIFF_SRC, all.inputs, all.inputTag, plan.diff_src_desc());
        return all;
    }

    /** The gradients with respect to W and b; {@link #result} is that of W. */
    static OneDnnConvolution weightGradient(int threads, int n, Convolution layer, float[] x, float[] dy) {
        OneDnnConvolution all = new OneDnnConvolution(threads, n, layer);
        convolution_backward_weights.primitive_desc plan = new convolution_backward_weights.primitive_desc(
                all.cpu,
                DIRECT,
                any(all.inputs),
                any(all.weights),
                any(new long[] {layer.filters()}),
                any(all.outputs),
                all.strides,
                all.before,
                all.after,
                all.plan(new primitive_attr()));
        all.product = new convolution_backward_weights(plan);
        all.in(dnnl.DNNL_ARG_SRC, all.inputs, all.inputTag, x, plan.src_desc());
        all.in(dnnl.DNNL_ARG_DIFF_DST, all.outputs, memory.format_tag.acdb, dy, plan.diff_dst_desc());
        all.arguments.put(dnnl.DNNL_ARG_DIFF_BIAS, new memory(plan.diff_bias_desc(), all.cpu));
        all.out(dnnl.DNNL_ARG_DIFF_WEIGHTS, all.weights, memory.format_tag.abcd, plan.diff_weights_desc());
        return all;
    }

    /** One call, complete on return. */
    void run() {
        product.execute(queue, arguments);
        queue._wait();
    }

    float[] result() {
        FloatPointer values = new FloatPointer(resultLayout.get_size() / Float.BYTES);
        move(result, new memory(resultLayout, cpu, values));
        float[] out = new float[Math.toIntExact(values.limit())];
        values.get(out);
        return out;
    }

    private convolution_forward.primitive_desc plan(primitive_attr attributes) {
        return new convolution_forward.primitive_desc(
                cpu,
                dnnl.prop_kind.forward_training,
                DIRECT,
                any(inputs),
                any(weights),
                any(new long[] {outputs[1]}),
                any(outputs),
                strides,
                before,
                after,
                attributes,
                false);
    }

    private static memory.desc any(long[] sizes) {
        return new memory.desc(sizes, F32, memory.format_tag.any);
    }

    private void in(int argument, long[] sizes, memory.format_tag tag, float[] values, memory.desc wanted) {
        memory chosen = new memory(wanted, cpu);
        move(new memory(new memory.desc(sizes, F32, tag), cpu, new FloatPointer(values)), chosen);
        arguments.put(argument, chosen);
    }

    private void out(int argument, long[] sizes, memory.format_tag tag, memory.desc wanted) {
        result = new memory(wanted, cpu);
        resultLayout = new memory.desc(sizes, F32, tag);
        arguments.put(argument, result);
    }

    private void move(memory from, memory to) {
        new reorder(from, to).execute(queue, from, to);
        queue._wait();
    }
}
