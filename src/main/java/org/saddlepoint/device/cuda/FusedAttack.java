package org.saddlepoint.device.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.BestIterate;
import org.saddlepoint.device.DenseStack;
import org.saddlepoint.device.ElementType;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.LossKind;
import org.saddlepoint.device.Precision;

/**
 * The loop of an attack on a dense stack as one launch of {@link PgdMlp}, where {@link PgdMlpPlan} says that it fits and
 * pays: by the widths of the layers alone. The log says which path a stack takes, once.
 */
final class FusedAttack {
    private static final System.Logger LOG = System.getLogger(FusedAttack.class.getName());

    private final KernelModule module;
    private final int sharedBudget;
    /** null: layered. */
    private final Map<PgdMlpPlan.Shape, @Nullable PgdMlp> chosen = new HashMap<>();

    FusedAttack(KernelModule module, CudaHardware hardware) {
        this.module = module;
        this.sharedBudget = hardware.sharedBytes();
        for (String precision : List.of("", "_tf32", "_bf16")) {
            module.kernel("pgd_mlp" + precision); // looked up before anything is recorded
        }
    }

    /** False where the layered path is taken; inside {@link CudaDriver#call}. */
    boolean run(DenseStack stack, LossKind loss, Loop loop) {
        Operands operands = new Operands(stack, loop);
        PgdMlp attack = choose(operands.shape());
        if (attack == null) {
            return false;
        }
        if (loop.n() > 0) {
            PgdMlp.Call call = attack.call(operands.layers(), operands.batch(), rule(loss, loop));
            module.kernel(call.entry())
                    .grid(call.blocks(), 1, call.threads(), call.sharedBytes())
                    .with(call.parameters(), operands.used)
                    .run();
        }
        return true;
    }

    private @Nullable PgdMlp choose(PgdMlpPlan.Shape shape) {
        if (!chosen.containsKey(shape)) {
            PgdMlpPlan.Choice choice = PgdMlpPlan.choose(shape, sharedBudget);
            LOG.log(System.Logger.Level.INFO, choice.reason());
            PgdMlpPlan plan = choice.plan();
            chosen.put(shape, choice.fused() && plan != null ? new PgdMlp(plan) : null);
        }
        return chosen.get(shape);
    }

    private static PgdMlp.Rule rule(LossKind loss, Loop loop) {
        Loop.Rule rule = loop.rule();
        return new PgdMlp.Rule(
                loss,
                rule.steps(),
                rule.start(),
                rule.targeted(),
                loop.keep(),
                rule.stepSize(),
                rule.threat().epsilon(),
                rule.top(),
                loop.random().seed(),
                loop.random().word(),
                loop.restart());
    }

    /** The buffers of a call, checked, and their addresses. */
    private static final class Operands {
        final List<CudaBuffer> used = new ArrayList<>();
        private final DenseStack stack;
        private final Loop loop;

        Operands(DenseStack stack, Loop loop) {
            this.stack = stack;
            this.loop = loop;
        }

        PgdMlpPlan.Shape shape() {
            List<Integer> widths = new ArrayList<>();
            widths.add(stack.layers().getFirst().in());
            stack.layers().forEach(layer -> widths.add(layer.out()));
            return new PgdMlpPlan.Shape(widths, loop.rule().norm(), loop.rule().precision());
        }

        List<PgdMlp.Layer> layers() {
            List<PgdMlp.Layer> layers = new ArrayList<>();
            for (DenseStack.Layer layer : stack.layers()) {
                DenseStack.Halves halves = layer.halves();
                boolean half = loop.rule().precision() == Precision.BF16;
                if (half && halves == null) {
                    throw new IllegalArgumentException("a stack without bfloat16 operands was given to a bf16 attack");
                }
                long length = DensePrepareBf16.length(layer.in(), layer.out());
                layers.add(new PgdMlp.Layer(
                        address(Checked.floats(layer.weights(), (long) layer.in() * layer.out(), "weights")),
                        address(Checked.floats(layer.bias(), layer.out(), "bias")),
                        half && halves != null
                                ? address(Checked.buffer(halves.forward(), ElementType.BFLOAT16, length, "forward"))
                                : 0,
                        half && halves != null
                                ? address(Checked.buffer(halves.backward(), ElementType.BFLOAT16, length, "backward"))
                                : 0,
                        layer.activation()));
            }
            return layers;
        }

        PgdMlp.Batch batch() {
            int n = loop.n();
            long values = (long) n * stack.layers().getFirst().in();
            BestIterate best = loop.best();
            CudaBuffer place = loop.cursor() instanceof CudaCursor cursor ? cursor.place() : null;
            return new PgdMlp.Batch(
                    n,
                    address(Checked.floats(loop.origin(), values, "origin")),
                    address(Checked.ints(loop.labels(), n, "labels")),
                    address(Checked.ints(loop.indices(), n, "indices")),
                    address(place),
                    address(Checked.floats(loop.x(), values, "x")),
                    best == null ? 0 : address(Checked.floats(best.x(), values, "best x")),
                    best == null ? 0 : address(Checked.floats(best.objective(), n, "best objective")),
                    address(Checked.beaten(loop)),
                    address(Checked.zeroGradients(loop)));
        }

        private long address(@Nullable CudaBuffer buffer) {
            if (buffer == null) {
                return 0;
            }
            used.add(buffer);
            return buffer.address();
        }
    }
}
