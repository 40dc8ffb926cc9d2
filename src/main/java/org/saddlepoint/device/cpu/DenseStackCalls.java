package org.saddlepoint.device.cpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.DenseStack;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Update;

/**
 * The fused calls over a stack of dense layers, and the structures of saddlepoint.h that they take. Those hold bare
 * addresses: the memory behind them stays, because a bound model and its batch are one thread's, and weights cannot be
 * closed while a model is bound to them.
 */
final class DenseStackCalls {
    private static final Fields LAYER = Fields.of(
            JAVA_LONG.withName("in"),
            JAVA_LONG.withName("out"),
            ADDRESS.withName("w"),
            ADDRESS.withName("prepared"),
            ADDRESS.withName("b"),
            JAVA_INT.withName("activation"),
            JAVA_FLOAT.withName("slope"),
            ADDRESS.withName("output"),
            ADDRESS.withName("gradient"),
            ADDRESS.withName("forward_bf16"),
            ADDRESS.withName("backward_bf16"),
            ADDRESS.withName("input_bf16"),
            ADDRESS.withName("gradient_bf16"));

    private static final Fields LOOP = Fields.of(
            JAVA_LONG.withName("n"),
            ADDRESS.withName("origin"),
            ADDRESS.withName("labels"),
            ADDRESS.withName("indices"),
            ADDRESS.withName("x"),
            JAVA_INT.withName("norm"),
            JAVA_INT.withName("loss"),
            JAVA_INT.withName("steps"),
            JAVA_INT.withName("start"),
            JAVA_INT.withName("targeted"),
            JAVA_FLOAT.withName("step_size"),
            JAVA_FLOAT.withName("epsilon"),
            MemoryLayout.paddingLayout(4),
            JAVA_LONG.withName("top"),
            JAVA_LONG.withName("seed"),
            JAVA_INT.withName("stream"),
            JAVA_INT.withName("restart"),
            JAVA_INT.withName("keep"),
            MemoryLayout.paddingLayout(4),
            ADDRESS.withName("best_x"),
            ADDRESS.withName("best_objective"),
            ADDRESS.withName("beaten"),
            ADDRESS.withName("zero_gradients"),
            ADDRESS.withName("losses"),
            ADDRESS.withName("gradient"),
            ADDRESS.withName("origins"));

    private static final Fields UPDATE = Fields.of(
            JAVA_LONG.withName("n"),
            ADDRESS.withName("x"),
            ADDRESS.withName("labels"),
            JAVA_INT.withName("loss"),
            JAVA_FLOAT.withName("factor"),
            ADDRESS.withName("losses"),
            ADDRESS.withName("predictions"),
            JAVA_INT.withName("optimizer"),
            JAVA_INT.withName("nesterov"),
            JAVA_INT.withName("decoupled"),
            JAVA_FLOAT.withName("learning_rate"),
            JAVA_FLOAT.withName("momentum"),
            JAVA_FLOAT.withName("beta1"),
            JAVA_FLOAT.withName("beta2"),
            JAVA_FLOAT.withName("stabilizer"),
            JAVA_FLOAT.withName("weight_decay"),
            MemoryLayout.paddingLayout(4),
            JAVA_LONG.withName("step"),
            ADDRESS.withName("parameters"),
            ADDRESS.withName("m"),
            ADDRESS.withName("v"));

    private DenseStackCalls() {}

    static int iterate(MemorySegment device, DenseStack stack, LossKind loss, Loop loop) throws Throwable {
        try (Arena call = Arena.ofConfined()) {
            int count = stack.layers().size();
            MemorySegment layers = layers(stack, loop.n(), call);
            MemorySegment structure = loop(stack, loss, loop, call);
            return (int) CpuLibrary.ITERATE_DENSE_STACK.invokeExact(device, count, layers, structure);
        }
    }

    static int update(MemorySegment device, DenseStack stack, Buffer parameters, LossKind loss, Update update)
            throws Throwable {
        try (Arena call = Arena.ofConfined()) {
            int count = stack.layers().size();
            MemorySegment layers = layers(stack, update.n(), call);
            MemorySegment structure = update(stack, parameters, loss, update, call);
            return (int) CpuLibrary.UPDATE_DENSE_STACK.invokeExact(device, count, layers, structure);
        }
    }

    private static MemorySegment layers(DenseStack stack, int n, Arena call) {
        List<DenseStack.Layer> all = stack.layers();
        MemorySegment structures = call.allocate(LAYER.layout(), all.size());
        for (int i = 0; i < all.size(); i++) {
            DenseStack.Layer layer = all.get(i);
            int in = layer.in();
            int out = layer.out();
            Struct one = new Struct(LAYER, structures.asSlice(i * LAYER.layout().byteSize(), LAYER.layout()));
            one.set("in", (long) in);
            one.set("out", (long) out);
            one.set("w", CpuOperations.floats(layer.weights(), (long) in * out, "weights"));
            one.set(
                    "prepared",
                    CpuOperations.floats(layer.prepared(), CpuOperations.packedLength(in, out), "prepared weights"));
            one.set("b", CpuOperations.floats(layer.bias(), out, "bias"));
            one.set("activation", layer.activation().kind().ordinal());
            one.set("slope", layer.activation().slope());
            one.set("output", CpuOperations.floats(layer.output(), (long) n * out, "output"));
            one.set("gradient", CpuOperations.floats(layer.gradient(), (long) n * out, "gradient"));
            DenseStack.Halves halves = layer.halves();
            if (halves != null) {
                one.set("forward_bf16", halves(halves.forward(), 0));
                one.set("backward_bf16", halves(halves.backward(), 0));
                one.set("input_bf16", halves(halves.input(), n * CpuOperations.even(in)));
                one.set("gradient_bf16", halves(halves.gradient(), n * CpuOperations.even(out)));
            }
        }
        return structures;
    }

    private static MemorySegment halves(Buffer buffer, long length) {
        return CpuOperations.segment(buffer, ElementType.BFLOAT16, length, "bfloat16 operands");
    }

    private static MemorySegment loop(DenseStack stack, LossKind loss, Loop loop, Arena call) {
        int n = loop.n();
        long values = (long) n * stack.layers().getFirst().in();
        Loop.Rule rule = loop.rule();
        Struct one = new Struct(LOOP, call.allocate(LOOP.layout()));
        one.set("n", (long) n);
        one.set("origin", CpuOperations.floats(loop.origin(), values, "origin"));
        one.set(
                "labels",
                CpuOperations.labels(loop.labels(), n, stack.layers().getLast().out()));
        one.set("indices", CpuOperations.ints(loop.indices(), n, "indices"));
        one.set("x", CpuOperations.floats(loop.x(), values, "x"));
        one.set("norm", rule.norm().ordinal());
        one.set("loss", loss.ordinal());
        one.set("steps", rule.steps());
        one.set("start", rule.start().ordinal());
        one.set("targeted", rule.targeted() ? 1 : 0);
        one.set("step_size", rule.stepSize());
        one.set("epsilon", rule.threat().epsilon());
        one.set("top", (long) rule.top());
        one.set("seed", loop.random().seed());
        one.set("stream", loop.random().word());
        one.set("restart", loop.restart());
        one.set("keep", loop.keep() ? 1 : 0);
        BestIterate best = loop.best();
        if (best != null) {
            one.set("best_x", CpuOperations.floats(best.x(), values, "best x"));
            one.set("best_objective", CpuOperations.floats(best.objective(), n, "best objective"));
            one.set("beaten", CpuOperations.ints(best.beaten(), n, "beaten"));
            one.set("zero_gradients", CpuOperations.ints(best.zeroGradients(), n, "zero gradients"));
        }
        one.set("losses", CpuOperations.floats(stack.losses(), n, "losses"));
        one.set("gradient", CpuOperations.floats(stack.inputGradient(), values, "input gradient"));
        one.set("origins", CpuOperations.floats(stack.origins(), values, "origins"));
        return one.memory();
    }

    private static MemorySegment update(DenseStack stack, Buffer parameters, LossKind loss, Update update, Arena call) {
        int n = update.n();
        Struct one = new Struct(UPDATE, call.allocate(UPDATE.layout()));
        one.set("n", (long) n);
        one.set(
                "x",
                CpuOperations.floats(
                        update.x(), (long) n * stack.layers().getFirst().in(), "x"));
        one.set(
                "labels",
                CpuOperations.labels(
                        update.labels(), n, stack.layers().getLast().out()));
        one.set("loss", loss.ordinal());
        one.set("factor", update.factor());
        one.set("losses", CpuOperations.floats(update.losses(), n, "losses"));
        one.set("predictions", CpuOperations.ints(update.predictions(), n, "predictions"));
        one.set("step", update.cursor().step());
        long length = 0;
        for (DenseStack.Layer layer : stack.layers()) {
            length += (long) layer.in() * layer.out() + layer.out();
        }
        one.set("parameters", CpuOperations.floats(parameters, length, "parameters"));
        String[] names = {"m", "v"};
        for (int i = 0; i < update.state().size(); i++) {
            one.set(names[i], CpuOperations.floats(update.state().get(i), length, "optimizer state"));
        }
        switch (update.cursor().settings()) {
            case Operations.SgdSettings sgd -> {
                one.set("optimizer", 0);
                one.set("nesterov", sgd.nesterov() ? 1 : 0);
                one.set("learning_rate", sgd.learningRate());
                one.set("momentum", sgd.momentum());
                one.set("weight_decay", sgd.weightDecay());
            }
            case Operations.AdamSettings adam -> {
                one.set("optimizer", 1);
                one.set("decoupled", adam.decoupled() ? 1 : 0);
                one.set("learning_rate", adam.learningRate());
                one.set("beta1", adam.beta1());
                one.set("beta2", adam.beta2());
                one.set("stabilizer", adam.stabilizer());
                one.set("weight_decay", adam.weightDecay());
            }
        }
        return one.memory();
    }

    /** A structure whose fields are set by name; offsets are looked up once a layout, not once a call. */
    private record Struct(Fields fields, MemorySegment memory) {
        void set(String field, long value) {
            memory.set(JAVA_LONG, fields.offset(field), value);
        }

        void set(String field, int value) {
            memory.set(JAVA_INT, fields.offset(field), value);
        }

        void set(String field, float value) {
            memory.set(JAVA_FLOAT, fields.offset(field), value);
        }

        void set(String field, MemorySegment value) {
            memory.set(ADDRESS, fields.offset(field), value);
        }
    }

    /** Where the fields of a layout begin. */
    private record Fields(StructLayout layout, Map<String, Long> offsets) {
        static Fields of(MemoryLayout... members) {
            StructLayout layout = MemoryLayout.structLayout(members);
            Map<String, Long> offsets = new HashMap<>();
            for (MemoryLayout member : members) {
                member.name().ifPresent(name -> offsets.put(name, layout.byteOffset(PathElement.groupElement(name))));
            }
            return new Fields(layout, Map.copyOf(offsets));
        }

        long offset(String field) {
            Long offset = offsets.get(field);
            if (offset == null) {
                throw new IllegalArgumentException(layout + " has no field " + field);
            }
            return offset;
        }
    }
}
