package org.saddlepoint.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.Precision;
import org.saddlepoint.threat.Norm;

/** Every plan keeps the promises that kernels/pgd_mlp relies on. */
class PgdMlpPlanTest {
    private static final List<Integer> BUDGETS = List.of(99 * 1024, 163 * 1024, 227 * 1024);
    private static final List<List<Integer>> STACKS = List.of(
            List.of(784, 128, 10),
            List.of(784, 512, 256, 10),
            List.of(784, 1024, 10),
            List.of(785, 33, 10),
            List.of(61, 7, 3),
            List.of(784, 10),
            List.of(1, 1),
            List.of(20, 17, 16, 15, 14, 13, 12, 11, 10));

    private static PgdMlpPlan.Shape shape(List<Integer> widths, Norm norm, Precision precision) {
        return new PgdMlpPlan.Shape(widths, norm, precision);
    }

    private static Stream<PgdMlpPlan.Shape> shapes() {
        return STACKS.stream()
                .flatMap(widths -> Stream.of(Norm.values())
                        .flatMap(norm ->
                                Stream.of(Precision.values()).map(precision -> shape(widths, norm, precision))));
    }

    private static void assertMatrix(
            PgdMlpPlan plan, PgdMlpPlan.MatrixPlan matrix, int rows, boolean byRows, int features) {
        boolean half = plan.shape().half();
        boolean float32 = plan.shape().precision() == Precision.FLOAT32;
        assertThat(matrix.residentRows()).isBetween(0, rows);
        assertThat(matrix.residentRows() % 16 == 0 || matrix.residentRows() == rows)
                .isTrue();
        assertThat(matrix.resident() % 4).isZero();
        assertThat(matrix.features()).isPositive();
        assertThat(matrix.features() % 16).isZero();
        assertThat(matrix.depth()).isPositive();
        assertThat(matrix.depth() % (half ? 16 : byRows || !float32 ? 8 : 4)).isZero();
        int groups = plan.tile() / 8;
        assertThat(matrix.features())
                .as("what 256 threads can work on side by side")
                .isLessThanOrEqualTo(float32 ? 1024 / groups : groups > 2 ? 256 : 512);
        if (matrix.residentRows() == rows) {
            return;
        }
        int widest = 0;
        for (int first = 0; first < features; first += matrix.features()) {
            int last = Math.min(first + matrix.features(), features);
            widest = Math.max(widest, last - (byRows ? Math.max(first, matrix.residentRows()) : first));
        }
        int words = byRows
                ? (widest + 15) / 16 * 16 * ((half ? matrix.depth() / 2 : matrix.depth()) + 4)
                : matrix.depth() * (matrix.features() + 8);
        assertThat(words).as("a chunk fits a stage").isLessThanOrEqualTo(plan.stageWords());
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void fitsEveryArchitectureAndKeepsItsPromises(PgdMlpPlan.Shape shape) {
        for (int budget : BUDGETS) {
            PgdMlpPlan plan = Objects.requireNonNull(
                    PgdMlpPlan.of(shape, budget), () -> "%s in %d bytes".formatted(shape, budget));
            assertThat(plan.sharedBytes() + PgdMlpPlan.STATIC_BYTES).isLessThanOrEqualTo(budget);
            assertThat(plan.tile()).isIn(8, 16);
            for (int i = 0; i < shape.layers(); i++) {
                PgdMlpPlan.LayerPlan layer = plan.layers().get(i);
                assertMatrix(plan, layer.ahead(), shape.out(i), true, shape.out(i));
                assertMatrix(plan, layer.back(), shape.half() ? shape.in(i) : shape.out(i), shape.half(), shape.in(i));
            }
        }
    }

    @Test
    void partsOfSharedMemoryDoNotOverlap() {
        PgdMlpPlan plan = Objects.requireNonNull(
                PgdMlpPlan.of(shape(List.of(784, 128, 10), Norm.L1, Precision.FLOAT32), 227 * 1024));
        int tile = plan.tile();
        PgdMlpPlan.MatrixPlan first = plan.layers().get(0).ahead();
        PgdMlpPlan.MatrixPlan second = plan.layers().get(1).ahead();
        List<int[]> parts = Stream.of(
                        new int[] {plan.inputRows(), tile * plan.inputPitch()},
                        new int[] {plan.layers().get(0).output(), tile * 132},
                        new int[] {plan.layers().get(1).output(), tile * 20},
                        new int[] {plan.logitGradient(), tile * plan.logitPitch()},
                        new int[] {plan.gradient(), tile * plan.inputPitch()},
                        new int[] {plan.scratch(), 8 * 256},
                        new int[] {plan.stage(), 2 * plan.stageWords()},
                        new int[] {first.resident(), first.residentRows() * first.residentPitch()},
                        new int[] {second.resident(), 16 * second.residentPitch()})
                .sorted((left, right) -> left[0] - right[0])
                .toList();
        IntStream.range(1, parts.size())
                .forEach(i ->
                        assertThat(parts.get(i)[0]).isGreaterThanOrEqualTo(parts.get(i - 1)[0] + parts.get(i - 1)[1]));
        int[] last = parts.getLast();
        assertThat(4 * (last[0] + last[1])).isLessThanOrEqualTo(plan.sharedBytes());
    }

    @Test
    void smallNetsNeverStream() {
        PgdMlpPlan plan = Objects.requireNonNull(
                PgdMlpPlan.of(shape(List.of(61, 7, 3), Norm.LINF, Precision.FLOAT32), 99 * 1024));
        assertThat(plan.stageWords()).isZero();
        assertThat(plan.streamedBytes()).isZero();
    }

    @Test
    void narrowStacksAreFusedAndWideOnesLayered() {
        for (int budget : BUDGETS) {
            for (Precision precision : Precision.values()) {
                for (Norm norm : Norm.values()) {
                    assertThat(PgdMlpPlan.choose(shape(List.of(784, 128, 10), norm, precision), budget)
                                    .fused())
                            .isTrue();
                    PgdMlpPlan.Choice wide = PgdMlpPlan.choose(shape(List.of(784, 1024, 10), norm, precision), budget);
                    assertThat(wide.fused()).isFalse();
                    assertThat(wide.plan()).as("it fits all the same").isNotNull();
                    assertThat(wide.reason()).startsWith("784-1024-10 (" + norm.label());
                    assertThat(wide.reason()).contains("layered attack", "streamed", "launches");
                }
            }
        }
    }

    @Test
    void whatDoesNotFitSaysSo() {
        PgdMlpPlan.Choice choice =
                PgdMlpPlan.choose(shape(List.of(3072, 4096, 10), Norm.LINF, Precision.FLOAT32), 99 * 1024);
        assertThat(choice.plan()).isNull();
        assertThat(choice.fused()).isFalse();
        assertThat(choice.reason()).contains("does not fit into 99 KiB");
        List<Integer> deep = IntStream.range(0, 10).map(i -> 8).boxed().toList();
        assertThat(PgdMlpPlan.choose(shape(deep, Norm.LINF, Precision.FLOAT32), 99 * 1024)
                        .reason())
                .contains("more than 8 layers");
        assertThatThrownBy(() -> shape(List.of(784), Norm.LINF, Precision.FLOAT32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[784]");
    }

    @Test
    void knowsTheBudgets() {
        assertThat(PgdMlpPlan.sharedBudget(8, 0)).isEqualTo(163 * 1024);
        assertThat(PgdMlpPlan.sharedBudget(8, 6)).isEqualTo(99 * 1024);
        assertThat(PgdMlpPlan.sharedBudget(8, 9)).isEqualTo(99 * 1024);
        assertThat(PgdMlpPlan.sharedBudget(9, 0)).isEqualTo(227 * 1024);
        assertThat(PgdMlpPlan.sharedBudget(10, 0)).isEqualTo(227 * 1024);
        assertThat(PgdMlpPlan.sharedBudget(12, 0)).isEqualTo(99 * 1024);
    }
}
