package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSpecTest {
    @Test
    void widthsAreRead() {
        assertThat(ModelSpec.widths("mlp:128")).containsExactly(128);
        assertThat(ModelSpec.widths("mlp:512,256")).containsExactly(512, 256);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlp", "mlp:", "mlp:0", "mlp:-3", "mlp:1,,2", "mlp:x", "cnn:3", "", "mlp:99999999999"})
    void allElseIsRefusedWithAnExample(String spec) {
        assertThatThrownBy(() -> ModelSpec.widths(spec))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--model is '" + spec + "'")
                .hasMessageEndingWith("as in mlp:128 or mlp:512,256");
    }
}
