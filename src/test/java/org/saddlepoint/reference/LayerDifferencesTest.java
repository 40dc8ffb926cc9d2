package org.saddlepoint.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.saddlepoint.device.Recurrence;

/** The gradients of normalisation and of recurrent layers are those of their values: see {@link FiniteDifferencesTest}. */
class LayerDifferencesTest {
    private static final double H = 1e-6;
    private static final Offset<Double> WITHIN = Offset.offset(1e-8);
    private static final double EPSILON = 0.1;
    private static final int ROWS = 5;
    private static final int COLUMNS = 3;

    private final Random random = new Random(1);
    private final double[] x = uniform(ROWS * COLUMNS);
    private final double[] dy = uniform(ROWS * COLUMNS);
    private final double[] weight = uniform(COLUMNS);
    private final double[] bias = uniform(COLUMNS);

    private double[] uniform(int count) {
        return Values.widen(Values.uniform(random, count, -1, 1));
    }

    @Test
    void batchNormalization() {
        NormalizationReference.Gradients actual = NormalizationReference.batchNormGradients(
                ROWS,
                COLUMNS,
                x,
                dy,
                NormalizationReference.means(ROWS, COLUMNS, x),
                NormalizationReference.variances(ROWS, COLUMNS, x),
                EPSILON,
                weight);
        assertThat(actual.input()).containsExactly(differences(v -> batchNorm(v, weight, bias), x), WITHIN);
        assertThat(actual.weight()).containsExactly(differences(v -> batchNorm(x, v, bias), weight), WITHIN);
        assertThat(actual.bias()).containsExactly(differences(v -> batchNorm(x, weight, v), bias), WITHIN);
    }

    private double batchNorm(double[] input, double[] factor, double[] summand) {
        return dot(NormalizationReference.batchNorm(
                ROWS,
                COLUMNS,
                input,
                NormalizationReference.means(ROWS, COLUMNS, input),
                NormalizationReference.variances(ROWS, COLUMNS, input),
                EPSILON,
                factor,
                summand));
    }

    @Test
    void layerNormalization() {
        NormalizationReference.Gradients actual =
                NormalizationReference.layerNormGradients(ROWS, COLUMNS, x, dy, EPSILON, weight);
        assertThat(actual.input()).containsExactly(differences(v -> layerNorm(v, weight, bias), x), WITHIN);
        assertThat(actual.weight()).containsExactly(differences(v -> layerNorm(x, v, bias), weight), WITHIN);
        assertThat(actual.bias()).containsExactly(differences(v -> layerNorm(x, weight, v), bias), WITHIN);
    }

    private double layerNorm(double[] input, double[] factor, double[] summand) {
        double[] y = NormalizationReference.normalizedRows(ROWS, COLUMNS, input, EPSILON);
        for (int i = 0; i < y.length; i++) {
            y[i] = y[i] * factor[i % COLUMNS] + summand[i % COLUMNS];
        }
        return dot(y);
    }

    private double dot(double[] y) {
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += y[i] * dy[i];
        }
        return sum;
    }

    @ParameterizedTest
    @EnumSource(Recurrence.Kind.class)
    void recurrentLayers(Recurrence.Kind kind) {
        int n = 2;
        Recurrence shape = new Recurrence(kind, 3, 1, 2);
        int cells = n * shape.steps();
        double[] inputs = uniform(cells * shape.gateSize());
        double[] u = uniform(shape.gateSize() * shape.hidden());
        double[] c = uniform(shape.gateSize());
        double[] seed = uniform(cells * shape.hidden());
        ToDoubleFunction<double[]> ofInputs = v -> value(n, shape, v, u, c, seed);
        RecurrentReference.Pass pass = RecurrentReference.forward(n, shape, inputs, u, c);
        RecurrentReference.Gradients actual = RecurrentReference.backward(n, shape, pass, u, seed);
        assertThat(actual.gates()).containsExactly(differences(ofInputs, inputs), WITHIN);
        assertThat(RecurrentReference.weightGradient(n, shape, pass.states(), actual.hidden()))
                .containsExactly(differences(v -> value(n, shape, inputs, v, c, seed), u), WITHIN);
        assertThat(DenseReference.biasGradient(cells, shape.gateSize(), actual.hidden()))
                .containsExactly(differences(v -> value(n, shape, inputs, u, v, seed), c), WITHIN);
    }

    private static double value(int n, Recurrence shape, double[] inputs, double[] u, double[] c, double[] seed) {
        double[] states = RecurrentReference.forward(n, shape, inputs, u, c).states();
        double sum = 0;
        for (int i = 0; i < states.length; i++) {
            sum += states[i] * seed[i];
        }
        return sum;
    }

    private static double[] differences(ToDoubleFunction<double[]> function, double[] at) {
        double[] out = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            double[] shifted = at.clone();
            shifted[i] = at[i] + H;
            double above = function.applyAsDouble(shifted);
            shifted[i] = at[i] - H;
            out[i] = (above - function.applyAsDouble(shifted)) / (2 * H);
        }
        return out;
    }
}
