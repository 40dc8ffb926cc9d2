package org.saddlepoint.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.saddlepoint.device.Recurrence;
import org.saddlepoint.format.NpyArray;
import org.saddlepoint.format.Npz;

/** The references are PyTorch's layers: values and gradients that it computed in float64 (make_torch_layers.py). */
class TorchFixtureTest {
    private static final Offset<Double> WITHIN = Offset.offset(1e-12);
    private static final int N = 3;
    private static final int IN = 5;
    private static final double EPSILON = 1e-5;

    private final Map<String, NpyArray> arrays;

    TorchFixtureTest() throws IOException, URISyntaxException {
        arrays = Npz.read(Path.of(Objects.requireNonNull(TorchFixtureTest.class.getResource("torch-layers.npz"))
                .toURI()));
    }

    private double[] get(String name) {
        return (double[]) Objects.requireNonNull(arrays.get(name)).values();
    }

    @ParameterizedTest
    @EnumSource(Recurrence.Kind.class)
    void recurrentLayers(Recurrence.Kind kind) {
        Recurrence shape = new Recurrence(kind, 4, IN, 6);
        int cells = N * shape.steps();
        int size = shape.gateSize();
        double[] x = get(kind + ".x");
        double[] w = get(kind + ".w");
        double[] u = get(kind + ".u");
        double[] inputs = DenseReference.forward(cells, IN, size, x, w, get(kind + ".b"));
        RecurrentReference.Pass pass = RecurrentReference.forward(N, shape, inputs, u, get(kind + ".c"));
        assertThat(pass.states()).containsExactly(get(kind + ".states"), WITHIN);

        RecurrentReference.Gradients back = RecurrentReference.backward(N, shape, pass, u, get(kind + ".d_states"));
        assertThat(DenseReference.inputGradient(cells, IN, size, back.gates(), w))
                .containsExactly(get(kind + ".dx"), WITHIN);
        assertThat(DenseReference.weightGradient(cells, IN, size, x, back.gates()))
                .containsExactly(get(kind + ".dw"), WITHIN);
        assertThat(DenseReference.biasGradient(cells, size, back.gates())).containsExactly(get(kind + ".db"), WITHIN);
        assertThat(RecurrentReference.weightGradient(N, shape, pass.states(), back.hidden()))
                .containsExactly(get(kind + ".du"), WITHIN);
        assertThat(DenseReference.biasGradient(cells, size, back.hidden())).containsExactly(get(kind + ".dc"), WITHIN);
    }

    @Test
    void batchNormalization() {
        double[] x = get("batch.x");
        double[] weight = get("batch.weight");
        double[] mean = NormalizationReference.means(7, 4, x);
        double[] variance = NormalizationReference.variances(7, 4, x);
        assertThat(NormalizationReference.batchNorm(7, 4, x, mean, variance, EPSILON, weight, get("batch.bias")))
                .containsExactly(get("batch.y"), WITHIN);
        NormalizationReference.Gradients gradients =
                NormalizationReference.batchNormGradients(7, 4, x, get("batch.dy"), mean, variance, EPSILON, weight);
        assertThat(gradients.input()).containsExactly(get("batch.dx"), WITHIN);
        assertThat(gradients.weight()).containsExactly(get("batch.dw"), WITHIN);
        assertThat(gradients.bias()).containsExactly(get("batch.db"), WITHIN);
        for (int c = 0; c < 4; c++) {
            mean[c] = NormalizationReference.moved(0, mean[c], 0.1);
            variance[c] = NormalizationReference.moved(1, variance[c] * 7 / 6, 0.1);
        }
        assertThat(mean).containsExactly(get("batch.running_mean"), WITHIN);
        assertThat(variance).containsExactly(get("batch.running_var"), WITHIN);
    }

    @Test
    void layerNormalization() {
        double[] x = get("layer.x");
        double[] weight = get("layer.weight");
        double[] bias = get("layer.bias");
        double[] y = NormalizationReference.normalizedRows(7, 4, x, EPSILON);
        for (int i = 0; i < y.length; i++) {
            y[i] = y[i] * weight[i % 4] + bias[i % 4];
        }
        assertThat(y).containsExactly(get("layer.y"), WITHIN);
        NormalizationReference.Gradients gradients =
                NormalizationReference.layerNormGradients(7, 4, x, get("layer.dy"), EPSILON, weight);
        assertThat(gradients.input()).containsExactly(get("layer.dx"), WITHIN);
        assertThat(gradients.weight()).containsExactly(get("layer.dw"), WITHIN);
        assertThat(gradients.bias()).containsExactly(get("layer.db"), WITHIN);
    }
}
