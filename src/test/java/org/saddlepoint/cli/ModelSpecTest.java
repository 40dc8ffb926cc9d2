package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.saddlepoint.data.DatasetInfo;
import org.saddlepoint.model.Model;

class ModelSpecTest {
    private static final DatasetInfo MNIST = new DatasetInfo("mnist", new int[] {1, 28, 28}, 10, 60_000, 10_000);

    /** Parameters counted by hand: weights and biases, layer by layer. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "mlp:128; 101770",
                "mlp:512,256; 535818",
                "cnn:small; 166406", // 272 + 8,224 + 156,900 + 1,010
                "cnn:madry; 3274634", // 832 + 51,264 + 3,212,288 + 10,250
                "rnn:128; 21514", // 28 x 128 + 128 x 128 + 2 x 128 + 1,290
                "lstm:128; 82186",
                "gru:128; 61962",
                "lstm:64,32; 36938", // 24,064 + 12,544 + 330
            })
    void modelsOfMnistByName(String spec, long parameters) throws IOException {
        Model model = build(spec);
        assertThat(model.parameterCount()).isEqualTo(parameters);
        assertThat(model.classes()).isEqualTo(10);
    }

    private static Model build(String spec) throws IOException {
        return ModelSpec.build(spec, Choices.Hidden.RELU, MNIST);
    }

    @Test
    void resnetHasThePublishedNumberOfParameters() throws IOException {
        // 11.17 million on CIFAR-10 (He et al. 2016); 1,152 fewer with one input channel.
        assertThat(build("resnet18").parameterCount()).isBetween(11_100_000L, 11_200_000L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mlp",
                "mlp:",
                "mlp:0",
                "mlp:-3",
                "mlp:1,,2",
                "mlp:x",
                "cnn:3",
                "cnn",
                "",
                "mlp:99999999999",
                "lstm",
                "gru:x",
                "resnet18:2",
                "resnet"
            })
    void allElseIsRefusedWithAnExample(String spec) {
        assertThatThrownBy(() -> ModelSpec.check(spec))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--model is '" + spec + "'")
                .hasMessageEndingWith("as in mlp:512,256 or cnn:small");
    }
}
