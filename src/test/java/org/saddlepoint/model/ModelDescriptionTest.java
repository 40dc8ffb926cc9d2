package org.saddlepoint.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.saddlepoint.device.Recurrence.Kind;
import org.saddlepoint.device.Window;
import org.saddlepoint.format.MalformedFileException;

class ModelDescriptionTest {
    @TempDir
    Path directory;

    private Model read(String toml, Shape input) throws IOException {
        Path file = directory.resolve("model.toml");
        Files.writeString(file, toml);
        return ModelDescription.read(file, input, 10);
    }

    @Test
    void aPublishedNetwork() throws IOException {
        Model model = read("""
                layers = [
                    { type = "conv", channels = 32, kernel = 5, padding = "same" },
                    { type = "relu" },
                    { type = "max_pool", kernel = 2 },
                    { type = "conv", channels = 64, kernel = 5, padding = 2 },
                    { type = "relu" },
                    { type = "max_pool", kernel = 2, stride = 2 },
                    { type = "flatten" },
                    { type = "dense", features = 1024 },
                    { type = "relu" },
                    { type = "dense" },
                ]
                """, Shape.of(1, 28, 28));
        assertThat(model).isEqualTo(Architectures.madryCnn(Shape.of(1, 28, 28), 10));
    }

    @Test
    void everyKindOfLayer() throws IOException {
        Model model = read("""
                [[layers]]
                type = "normalize"
                mean = [0.4, 0.5, 0.6]
                std = [0.2, 1, 3]

                [[layers]]
                type = "conv"
                channels = 6
                kernel = [3, 2]
                stride = [1, 2]
                padding = [0, 1, 2, 3]
                dilation = 2
                groups = 3
                bias = false

                [[layers]]
                type = "residual"
                body = [{ type = "batch_norm" }, { type = "leaky_relu", slope = 0.2 }]

                [[layers]]
                type = "residual"
                body = [{ type = "conv", channels = 4, kernel = 1 }, { type = "tanh" }]
                shortcut = [{ type = "conv", channels = 4, kernel = 1 }]

                [[layers]]
                type = "concatenate"
                branches = [[{ type = "sigmoid" }], []]

                [[layers]]
                type = "average_pool"
                kernel = 2
                stride = 1
                count_padding = false

                [[layers]]
                type = "scale"
                scale = 2
                shift = 0.5

                [[layers]]
                type = "dropout"
                probability = 0.25

                [[layers]]
                type = "reshape"
                shape = [8, 18]

                [[layers]]
                type = "rnn"
                hidden = 5
                activation = "relu"
                sequence = true

                [[layers]]
                type = "lstm"
                hidden = 4
                sequence = true

                [[layers]]
                type = "gru"
                hidden = 3

                [[layers]]
                type = "layer_norm"

                [[layers]]
                type = "clipped_relu"

                [[layers]]
                type = "dense"
                """, Shape.of(3, 9, 5));
        assertThat(model.layers().get(1))
                .isEqualTo(new Conv2d(3, 6, new Window(3, 2, 1, 2, 0, 1, 2, 3, 2, 2), 3, false));
        assertThat(model.layers())
                .contains(
                        Layers.residual(Layers.batchNorm(6), Layers.leakyRelu(0.2f)),
                        new Recurrent(Kind.RNN_RELU, 18, 5, true),
                        new Recurrent(Kind.GRU, 4, 3, false),
                        new LayerNorm(List.of(3), 1e-5f),
                        Layers.clippedRelu(6));
        assertThat(ModelFiles.model(ModelFiles.architecture(model), directory)).isEqualTo(model);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "layers = | not TOML",
                "x = 1 | the model has no 'layers'",
                "layers = 3 | layers are not a list of tables",
                "layers = [3] | layer 0 is not a table of settings",
                "layers = [{ kind = \"relu\" }] | layer 0 has no 'type'",
                "layers = [{ type = \"rely\" }] | layer 0: type is 'rely': it must be dense, conv",
                "layers = [{ type = \"relu\", slope = 1 }] | layer 0: unknown setting 'slope'",
                "layers = [{ type = \"conv\", kernel = 3 }] | layer 0 has no 'channels'",
                "layers = [{ type = \"conv\", channels = \"a\", kernel = 3 }] | channels is \"a\": it must be a whole number",
                "layers = [{ type = \"conv\", channels = 2, kernel = 9 }] | layer 0: a convolution with a kernel of 9x9 does",
                "layers = [{ type = \"conv\", channels = 2, kernel = 3, stride = 2, padding = \"same\" }] | layer 0: padding must",
                "layers = [{ type = \"dense\", features = 3 }] | the model has 3 outputs, the data 10 classes",
                "layers = [{ type = \"lstm\", hidden = 4 }] | layer 0: a recurrent layer of 5 features cannot take",
                "layers = [{ type = \"residual\", body = [{ type = \"max_pool\", kernel = 2 }] }] | cannot be added",
                "layers = [{ type = \"residual\", body = [{ type = \"x\" }] }] | layer 0, body layer 0: type is 'x'",
                "layers = [] | a model needs at least one layer",
            })
    void whatIsWrongIsSaid(String toml, String message) {
        assertThatThrownBy(() -> read(toml, Shape.of(1, 5, 5)))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("model.toml")
                .hasMessageContaining(message);
    }
}
