package org.saddlepoint.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccuracyTest {
    /** Wilson's score interval as published tables and R's prop.test(correct = FALSE) give it. */
    @ParameterizedTest
    @CsvSource({
        "50, 100, 0.4038, 0.5962",
        "0, 10, 0, 0.2775",
        "10, 10, 0.7225, 1",
        "1, 1, 0.2065, 1",
        "9400, 10000, 0.9352, 0.9445"
    })
    void theIntervalIsWilsons(int correct, int total, double low, double high) {
        Accuracy accuracy = new Accuracy(correct, total);
        assertThat(accuracy.value()).isEqualTo((double) correct / total);
        assertThat(accuracy.low()).isCloseTo(low, Offset.offset(5e-5)).isBetween(0.0, 1.0);
        assertThat(accuracy.high()).isCloseTo(high, Offset.offset(5e-5)).isBetween(0.0, 1.0);
    }

    @Test
    void ofNoExamplesNothingIsKnown() {
        Accuracy none = new Accuracy(0, 0);
        assertThat(none.value()).isNaN();
        assertThat(none.low()).isEqualTo(0);
        assertThat(none.high()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"-1, 10", "11, 10", "0, -1"})
    void impossibleCountsAreRefused(int correct, int total) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Accuracy(correct, total))
                .withMessage(correct + " of " + total + " examples");
    }
}
