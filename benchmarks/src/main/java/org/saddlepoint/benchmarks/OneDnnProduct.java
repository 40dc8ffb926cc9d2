package org.saddlepoint.benchmarks;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;

/**
 * The baseline of the dense products: oneDNN's matmul primitive, y = a b (+ bias, ReLU), float32, row-major a and y. It
 * takes its threads from OMP_NUM_THREADS. Its memory lives as long as the process: one fork.
 */
final class OneDnnProduct {
    private static final memory.data_type F32 = memory.data_type.f32;

    private final stream queue;
    private final matmul product;
    private final IntMemoryMap arguments = new IntMemoryMap();
    private final FloatPointer y;

    /** The values of an operand and how they lie. */
    record Operand(float[] values, long rows, long columns, long rowStride, long columnStride) {
        memory.desc layout() {
            return new memory.desc(new long[] {rows, columns}, F32, new long[] {rowStride, columnStride});
        }
    }

    /**
     * Builds the primitive.
     *
     * @param threads what OMP_NUM_THREADS must say
     * @param packed whether b is a weight that is brought, here and once, into the layout that oneDNN prefers; else it is
     *     read as it lies, like data that change with every call
     * @param bias one value a column, or null
     */
    OneDnnProduct(int threads, Operand a, Operand b, boolean packed, float[] bias, boolean relu) {
        if (!Integer.toString(threads).equals(System.getenv("OMP_NUM_THREADS"))) {
            throw new IllegalStateException("OMP_NUM_THREADS must be " + threads + ": see benchmarks/run");
        }
        engine cpu = new engine(engine.kind.cpu, 0);
        queue = new stream(cpu);
        memory.desc bAny = new memory.desc(new long[] {b.rows, b.columns}, F32, memory.format_tag.any);
        memory.desc yLayout = new memory.desc(new long[] {a.rows, b.columns}, F32, memory.format_tag.ab);
        memory.desc biasLayout = new memory.desc(new long[] {1, b.columns}, F32, memory.format_tag.ab);
        primitive_attr attributes = new primitive_attr();
        if (relu) {
            post_ops after = new post_ops();
            after.append_eltwise(dnnl.algorithm.eltwise_relu, 0f, 0f);
            attributes.set_post_ops(after);
        }
        memory.desc bWanted = packed ? bAny : b.layout();
        matmul.primitive_desc plan = bias == null
                ? new matmul.primitive_desc(cpu, a.layout(), bWanted, yLayout, attributes, false)
                : new matmul.primitive_desc(cpu, a.layout(), bWanted, biasLayout, yLayout, attributes, false);
        product = new matmul(plan);
        memory bStored = new memory(b.layout(), cpu, pointer(b.values));
        memory bUsed = bStored;
        if (packed) {
            bUsed = new memory(plan.weights_desc(), cpu);
            new reorder(bStored, bUsed).execute(queue, bStored, bUsed);
            queue._wait();
        }
        y = new FloatPointer(a.rows * b.columns);
        arguments.put(dnnl.DNNL_ARG_SRC, new memory(a.layout(), cpu, pointer(a.values)));
        arguments.put(dnnl.DNNL_ARG_WEIGHTS, bUsed);
        arguments.put(dnnl.DNNL_ARG_DST, new memory(yLayout, cpu, y));
        if (bias != null) {
            arguments.put(dnnl.DNNL_ARG_BIAS, new memory(biasLayout, cpu, pointer(bias)));
        }
    }

    /** One product, complete on return. */
    void run() {
        product.execute(queue, arguments);
        queue._wait();
    }

    float[] result() {
        float[] values = new float[Math.toIntExact(y.limit())];
        y.get(values);
        return values;
    }

    /** Off-heap copy on a 64-byte boundary, so that the baseline does not pay for unaligned loads. */
    private static FloatPointer pointer(float[] values) {
        FloatPointer raw = new FloatPointer(values.length + 16L);
        long skip = (64 - raw.address() % 64) % 64 / Float.BYTES;
        FloatPointer aligned = raw.getPointer(skip);
        aligned.put(values);
        return aligned;
    }
}
