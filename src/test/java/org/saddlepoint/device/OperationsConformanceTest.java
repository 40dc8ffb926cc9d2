package org.saddlepoint.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.device.OperationCase.Expected;
import org.saddlepoint.threat.Norm;

/** Every operation on every kind of device: against the reference, and the same bits however the work is divided. */
@Tag("cuda")
class OperationsConformanceTest {
    record Operation(String name, Precision precision, Supplier<Stream<OperationCase>> cases) {
        Operation(String name, Supplier<Stream<OperationCase>> cases) {
            this(name, Precision.FLOAT32, cases);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Operation> operations() {
        Stream<Operation> ofNorms = Stream.of(Norm.values())
                .flatMap(norm -> Stream.of(
                        new Operation("project " + norm.label(), () -> StepCases.project(norm)),
                        new Operation("step " + norm.label(), () -> StepCases.step(norm)),
                        new Operation(
                                "randomStart " + norm.label(), () -> StepCases.randomStart(norm, Start.BALL_AND_BOX)),
                        new Operation(
                                "randomStart beyond the box " + norm.label(),
                                () -> StepCases.randomStart(norm, Start.BALL)),
                        new Operation("gaussianStart " + norm.label(), () -> DivergenceCases.gaussianStart(norm))));
        Stream<Operation> products = Stream.of(Precision.values())
                .flatMap(precision -> Stream.of(
                        product("denseForward", precision, DenseCases::forward),
                        product("denseInputGradient", precision, DenseCases::inputGradient),
                        product("denseWeightGradient", precision, DenseCases::weightGradient),
                        product("denseLinfStep", precision, DenseCases::linfStep)));
        Stream<Operation> convolutions = Stream.of(Precision.values())
                .flatMap(precision -> Stream.of(
                        product("convolutionForward", precision, ImageCases::forward),
                        product("convolutionInputGradient", precision, ImageCases::inputGradient),
                        product("convolutionWeightGradient", precision, ImageCases::weightGradient),
                        product("convolutionLinfStep", precision, ImageCases::linfStep)));
        Stream<Operation> boundaries = Stream.of(Norm.LINF, Norm.L2)
                .flatMap(norm -> Stream.of(
                        new Operation("ascentStart " + norm.label(), () -> AscentCases.start(norm)),
                        new Operation("ascentStep " + norm.label(), () -> AscentCases.step(norm)),
                        new Operation("boundary step " + norm.label(), () -> BoundaryCases.step(norm)),
                        new Operation("keepClosest " + norm.label(), () -> BoundaryCases.keepClosest(norm))));
        Stream<Operation> hops = Stream.of(Norm.LINF, Norm.L2)
                .flatMap(norm -> Stream.of(BoundaryHop.Phase.values()).flatMap(phase -> hops(norm, phase)));
        return Stream.of(products, convolutions, ofNorms, boundaries, hops, others())
                .flatMap(all -> all);
    }

    private static Stream<Operation> hops(Norm norm, BoundaryHop.Phase phase) {
        String of = " " + norm.label() + " " + phase;
        return Stream.of(
                        phase == BoundaryHop.Phase.START
                                ? null
                                : new Operation("hopTurn" + of, () -> HopCases.turn(norm, phase)),
                        phase == BoundaryHop.Phase.BISECT || phase == BoundaryHop.Phase.STEP
                                ? new Operation("hopPropose" + of, () -> HopCases.propose(norm, phase))
                                : null,
                        new Operation("hopJudge" + of, () -> HopCases.judge(norm, phase)))
                .filter(Objects::nonNull);
    }

    private static Stream<Operation> others() {
        return Stream.of(
                new Operation("maxPool", PoolingCases::max),
                new Operation("maxPoolGradient", PoolingCases::maxGradient),
                new Operation("averagePool", PoolingCases::average),
                new Operation("averagePoolGradient", PoolingCases::averageGradient),
                new Operation("transpose", ImageCases::transpose),
                new Operation("activate", ElementCases::activate),
                new Operation("activationGradient", ElementCases::activationGradient),
                new Operation("scaleShift", ElementCases::scaleShift),
                new Operation("add", JoinCases::add),
                new Operation("copyColumns", JoinCases::copyColumns),
                new Operation("channelStatistics", NormalizationCases::channelStatistics),
                new Operation("updateRunningStatistics", NormalizationCases::updateRunningStatistics),
                new Operation("foldBatchNorm", NormalizationCases::foldBatchNorm),
                new Operation("batchNormGradient", NormalizationCases::batchNormGradient),
                new Operation("layerNorm", NormalizationCases::layerNorm),
                new Operation("layerNormGradient", NormalizationCases::layerNormGradient),
                new Operation("layerNormWeightGradient", NormalizationCases::layerNormWeightGradient),
                new Operation("dropout", NormalizationCases::dropout),
                new Operation("recurrentForward", RecurrentCases::forward),
                new Operation("recurrentBackward", RecurrentCases::backward),
                new Operation("recurrentWeightGradient", RecurrentCases::weightGradient),
                new Operation("cross-entropy", LossCases::crossEntropy),
                new Operation("cross-entropy, rescaled", LossCases::rescaledCrossEntropy),
                new Operation("mean squared error", LossCases::meanSquaredError),
                new Operation("margin", LossCases::margin),
                new Operation("divergence", DivergenceCases::divergence),
                new Operation("trades", DivergenceCases::trades),
                new Operation("argMax", LossCases::argMax),
                new Operation("dlr", TargetLossCases::dlr),
                new Operation("targetLoss, dlr", TargetLossCases::targetedDlr),
                new Operation("targetLoss, margin", TargetLossCases::targetMargin),
                new Operation("rankedClass", TargetLossCases::rankedClass),
                new Operation("randomWords", StepCases::randomWords),
                new Operation("keepIterate", () -> StepCases.keepIterate(false)),
                new Operation("keepIterate, targeted", () -> StepCases.keepIterate(true)),
                new Operation("ascentAccount", AscentCases::account),
                new Operation("accumulate", MomentumCases::accumulate),
                new Operation("beginRun, first", () -> PenaltyCases.beginRun(true)),
                new Operation("beginRun, next", () -> PenaltyCases.beginRun(false)),
                new Operation("penalty step", () -> PenaltyCases.step(false)),
                new Operation("penalty step, targeted", () -> PenaltyCases.step(true)),
                new Operation("squareStart linf", () -> SearchCases.start(Norm.LINF)),
                new Operation("squareStart l2", () -> SearchCases.start(Norm.L2)),
                new Operation("squareProposal linf", () -> SearchCases.proposal(Norm.LINF)),
                new Operation("squareProposal l2", () -> SearchCases.proposal(Norm.L2)),
                new Operation("probe, gaussian", () -> ProbeCases.probe(ProbeNoise.Draw.GAUSSIAN)),
                new Operation("probe, sphere", () -> ProbeCases.probe(ProbeNoise.Draw.SPHERE)),
                new Operation("probe, cube", () -> ProbeCases.probe(ProbeNoise.Draw.CUBE)),
                new Operation("estimate", ProbeCases::estimate),
                new Operation("sgd", OptimizerCases::sgd),
                new Operation("adam", OptimizerCases::adam),
                new Operation("gather bytes", DataCases::gatherBytes),
                new Operation("gather floats", DataCases::gatherFloats),
                new Operation("gatherLabels", DataCases::gatherLabels),
                new Operation("copy and fill", DataCases::copyAndFill),
                new Operation("sum", DataCases::sum));
    }

    private static Operation product(
            String name, Precision precision, Function<Precision, Stream<OperationCase>> cases) {
        return new Operation(name + ", " + precision.label(), precision, () -> cases.apply(precision));
    }

    static Stream<Arguments> operationsOnDevices() {
        return operations()
                .flatMap(operation -> DeviceKind.tested()
                        .filter(kind -> kind.rounds(operation.precision()))
                        .map(kind -> Arguments.of(operation, kind)));
    }

    @ParameterizedTest(name = "{0} on {1}")
    @MethodSource("operationsOnDevices")
    void agreesWithTheReference(Operation operation, DeviceKind kind) {
        try (Device one = kind.open(1);
                Device two = kind.open(2)) {
            operation.cases().get().forEach(test -> {
                Expected expected = test.expected().get();
                requireClose(test, expected, run(test, one, 0, test.rows()));
                requireClose(test, expected, run(test, two, 0, test.rows()));
            });
        }
    }

    @ParameterizedTest(name = "{0} on {1}")
    @MethodSource("operationsOnDevices")
    void bitsDependNeitherOnThreadsNorOnTheBatch(Operation operation, DeviceKind kind) {
        try (Device one = kind.open(1);
                Device two = kind.open(2);
                Device three = kind.open(3)) {
            operation.cases().get().forEach(test -> {
                int rows = test.rows();
                double[] whole = run(test, one, 0, rows);
                assertThat(run(test, two, 0, rows))
                        .as("%s, 2 threads", test.size())
                        .isEqualTo(whole);
                assertThat(run(test, three, 0, rows))
                        .as("%s, 3 threads", test.size())
                        .isEqualTo(whole);
                int[] cuts = {0, Math.min(1, rows), (rows + 1) / 2, rows};
                for (int c = 0; c + 1 < cuts.length; c++) {
                    int width = whole.length / rows;
                    if (cuts[c] < cuts[c + 1]) {
                        assertThat(run(test, two, cuts[c], cuts[c + 1]))
                                .as("%s, rows %d to %d alone", test.size(), cuts[c], cuts[c + 1])
                                .isEqualTo(Arrays.copyOfRange(whole, cuts[c] * width, cuts[c + 1] * width));
                    }
                }
            });
        }
    }

    private static double[] run(OperationCase test, Device device, int from, int to) {
        try (Bench bench = new Bench(device)) {
            return test.run().rows(bench, from, to);
        }
    }

    private static void requireClose(OperationCase test, Expected expected, double[] actual) {
        assertThat(actual).as(test.size()).hasSameSizeAs(expected.values());
        for (int i = 0; i < actual.length; i++) {
            double off = Math.abs(actual[i] - expected.values()[i]);
            boolean same = actual[i] == expected.values()[i] // infinities too
                    || (Double.isNaN(actual[i]) && Double.isNaN(expected.values()[i]));
            if (!same && !(off <= expected.tolerances()[i])) {
                fail(
                        "%s: output %d is %s, expected %s: off by %s, tolerance %s",
                        test.size(), i, actual[i], expected.values()[i], off, expected.tolerances()[i]);
            }
        }
    }
}
