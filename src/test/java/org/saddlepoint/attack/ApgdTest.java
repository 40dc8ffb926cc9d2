package org.saddlepoint.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.tanh;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.attack.Apgd.Objective;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceKind;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.reference.DenseReference;
import org.saddlepoint.reference.Values;
import org.saddlepoint.threat.Norm;

/** APGD as a whole: its schedule, its closed form on linear models, its repeatability, and what it refuses. */
@Tag("cuda")
class ApgdTest {
    private static final int N = 100;

    private final float[] x = Fixtures.inputs(N, 1);

    @Test
    void aHundredStepsHaveThePublishedCheckpoints() {
        assertThat(Apgd.checkpoints(100)).isEqualTo(List.of(22, 41, 57, 70, 80, 87, 93, 99));
        assertThat(Apgd.checkpoints(1)).isEqualTo(List.of(1));
        assertThat(Apgd.checkpoints(5)).isEqualTo(List.of(1, 2, 3, 4, 5));
    }

    static Stream<Apgd> attacks() {
        return Stream.of(Norm.LINF, Norm.L2).flatMap(norm -> {
            double epsilon = norm == Norm.LINF ? 0.05 : 0.2;
            return Stream.of(
                    Apgd.of(norm, epsilon).steps(12).restarts(2).build(),
                    Apgd.of(norm, epsilon).steps(12).objective(Objective.DLR).build(),
                    Apgd.of(norm, epsilon).steps(12).targets(9).build());
        });
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void neitherBatchSizeNorThreadsMatter(Apgd attack) {
        AttackResult expected = run(attack, Device.cpu(1), AttackOptions.DEFAULT);
        assertThat(expected.successes()).isBetween(1, N - 1);
        for (int batchSize : new int[] {1, 7, N}) {
            for (int threads : new int[] {1, 2}) {
                AttackResult actual = run(attack, Device.cpu(threads), AttackOptions.DEFAULT.withBatchSize(batchSize));
                assertThat(actual.adversarial()).containsExactly(expected.adversarial());
                assertThat(actual.iterations()).containsExactly(expected.iterations());
                assertThat(actual.zeroGradients()).containsExactly(expected.zeroGradients());
            }
        }
    }

    /** Devices add in orders of their own; a verdict may turn on the last place, hence one example in fifty. */
    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    void devicesAgree(DeviceKind kind) {
        attacks().forEach(attack -> {
            int expected = run(attack, Device.cpu(1), AttackOptions.DEFAULT).successes();
            assertThat(run(attack, kind.open(1), AttackOptions.DEFAULT).successes())
                    .isCloseTo(expected, Offset.offset(N / 50));
        });
    }

    private AttackResult run(Apgd attack, Device opened, AttackOptions options) {
        try (Device device = opened;
                Classifier classifier = Fixtures.network(device)) {
            return attack.run(classifier, x, classifier.predict(x), options);
        }
    }

    /** As in LinearModelTest, with an allowance for L2, where the best iterate approaches the worst one by halved steps. */
    @ParameterizedTest
    @EnumSource(
            value = Norm.class,
            names = {"LINF", "L2"})
    void twoLinearClassesMeetTheClosedForm(Norm norm) {
        int d = 20;
        double epsilon = 0.05;
        for (int seed = 0; seed < 10; seed++) {
            Random random = new Random(seed);
            float[] parameters = Values.uniform(random, 2 * (d + 1), -1, 1);
            float[] inputs = Values.uniform(random, 8 * d, 0.4, 0.6);
            try (Device device = Device.cpu(1);
                    Classifier classifier = Classifier.of(Model.sequential(dense(d, 2)), device, parameters)) {
                int[] labels = classifier.predict(inputs);
                AttackResult result = Apgd.of(norm, epsilon).build().run(classifier, inputs, labels);
                double length = 0;
                double sum = 0;
                for (int k = 0; k < d; k++) {
                    double w = (double) parameters[k] - parameters[d + k];
                    sum += Math.abs(w);
                    length = Math.hypot(length, w);
                }
                double worst = epsilon * (norm == Norm.LINF ? sum : length);
                for (int i = 0; i < 8; i++) {
                    double clean = margin(parameters, inputs, i, d, labels[i]);
                    double attacked = margin(parameters, result.adversarial(), i, d, labels[i]);
                    assertThat(result.success()[i]).isEqualTo(attacked < 0);
                    if (clean > worst + 1e-5) {
                        // Not to be beaten: the best iterate is the worst point of the ball.
                        assertThat(attacked).isCloseTo(clean - worst, Offset.offset(1e-6 + 1e-5 * sum));
                    } else if (clean < worst - 1e-5) {
                        assertThat(result.success()[i]).isTrue();
                    }
                }
            }
        }
    }

    /** Six classes: towards each by its margin, the nearest boundary is reached exactly; by cross-entropy never sooner. */
    @ParameterizedTest
    @EnumSource(
            value = Norm.class,
            names = {"LINF", "L2"})
    void sixLinearClassesMeetTheClosedFormByTheirMargins(Norm norm) {
        for (int seed = 0; seed < 8; seed++) {
            Linear linear = Linear.random(seed, 0.35, 0.65);
            try (Device device = Device.cpu(1);
                    Classifier classifier = linear.on(device)) {
                for (int i = 0; i < Linear.N; i++) {
                    double radius = linear.closedForm(norm, i);
                    if (radius > 0.3 || radius < 1e-3) {
                        continue; // the box would matter, or rounding decide
                    }
                    float[] x = linear.input(i);
                    int[] label = {linear.labels()[i]};
                    double slack = norm == Norm.LINF ? 1e-4 : 2e-3; // L2 approaches the worst point by halved steps
                    Apgd beyond = margins(norm, radius * (1 + slack));
                    assertThat(beyond.run(classifier, x, label).success()[0])
                            .as("seed %d, example %d", seed, i)
                            .isTrue();
                    double within = radius * (1 - 1e-4);
                    for (Attack attack : List.of(
                            margins(norm, within),
                            Apgd.of(norm, within).build(),
                            Apgd.of(norm, within).targets(5).build(),
                            Pgd.of(norm, within).steps(50).build())) {
                        assertThat(attack.run(classifier, x, label).success()[0])
                                .as("%s, seed %d, example %d", attack.name(), seed, i)
                                .isFalse();
                    }
                }
            }
        }
    }

    private static Apgd margins(Norm norm, double epsilon) {
        return Apgd.of(norm, epsilon)
                .targets(5)
                .objective(Apgd.Objective.TARGETED_MARGIN)
                .build();
    }

    private static double margin(float[] parameters, float[] inputs, int i, int d, int y) {
        double[] p = Values.widen(parameters);
        double[] at = Values.widen(Arrays.copyOfRange(inputs, i * d, (i + 1) * d));
        double[] z = DenseReference.forward(1, d, 2, at, p, Arrays.copyOfRange(p, 2 * d, p.length));
        return z[y] - z[1 - y];
    }

    @Test
    void tooFewClassesAreRefusedUnlessTheMarginWillDo() {
        try (Device device = Device.cpu(1);
                Classifier two =
                        Classifier.initialize(Model.sequential(dense(Fixtures.D, 8), tanh(), dense(8, 2)), device, 3)) {
            int[] labels = two.predict(x);
            assertThatThrownBy(() ->
                            Apgd.linf(0.1).objective(Objective.DLR).build().run(two, x, labels))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "the model has 2 classes: apgd-dlr needs at least 3 for its difference of logits ratio");
            assertThatThrownBy(() -> Apgd.linf(0.1).targets(9).build().run(two, x, labels))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the model has 2 classes: apgd-t needs at least 4 for its difference of logits ratio");
            int expected = Apgd.linf(0.1).build().run(two, x, labels).successes();
            for (Apgd.Builder builder : List.of(
                    Apgd.linf(0.1).objective(Objective.DLR), Apgd.linf(0.1).targets(9))) {
                assertThat(builder.marginWhereFewClasses(true)
                                .build()
                                .run(two, x, labels)
                                .successes())
                        .isCloseTo(expected, Offset.offset(N / 50));
            }
        }
    }

    @Test
    void badSettingsAreNamed() {
        assertThatThrownBy(() -> Apgd.of(Norm.L1, 1)).hasMessage("the norm of APGD is L1: it must be L-inf or L2");
        assertThatThrownBy(() -> Apgd.linf(-1)).hasMessage("epsilon is -1.0: it must be a finite number of at least 0");
        assertThatThrownBy(() -> Apgd.linf(0.1).targets(0)).hasMessage("targets is 0: it must lie in 1..255");
        assertThatThrownBy(() -> Apgd.linf(0.1).rho(1)).hasMessage("rho is 1.0: it must lie between 0 and 1");
    }
}
