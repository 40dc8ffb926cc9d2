package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class NumberConverterTest {
    @ParameterizedTest
    @CsvSource({"8/255, 0.03137254901960784", "0.031, 0.031", "1e-3, 0.001", "-2, -2", "' 1 / 4 ', 0.25", ".5, 0.5"})
    void numbersAndRatios(String text, double value) {
        assertThat(new NumberConverter().convert(text)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "NaN", "Infinity", "1/0", "0/0", "8/255/2", "1e999", "0x1p3", "1f", "eight", "/", "1/"})
    void allElseIsRefused(String text) {
        assertThatThrownBy(() -> new NumberConverter().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("'" + text + "' is not a finite number");
    }
}
