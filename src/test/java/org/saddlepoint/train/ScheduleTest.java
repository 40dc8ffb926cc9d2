package org.saddlepoint.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ScheduleTest {
    /** Values by hand from the formulas. */
    @ParameterizedTest
    @CsvSource({
        "CONSTANT, 0, 100, 1",
        "CONSTANT, 99, 100, 1",
        "PIECEWISE, 0, 100, 1",
        "PIECEWISE, 49, 100, 1",
        "PIECEWISE, 50, 100, 0.1",
        "PIECEWISE, 74, 100, 0.1",
        "PIECEWISE, 75, 100, 0.01",
        "PIECEWISE, 99, 100, 0.01",
        "COSINE, 0, 100, 1",
        "COSINE, 25, 100, 0.8535533905932737",
        "COSINE, 50, 100, 0.5",
        "COSINE, 99, 100, 0.0002467198171342",
        "ONE_CYCLE, 0, 99, 0.025",
        "ONE_CYCLE, 19, 99, 0.5",
        "ONE_CYCLE, 39, 99, 1",
        "ONE_CYCLE, 69, 99, 0.5",
        "ONE_CYCLE, 98, 99, 0.0166666666666667"
    })
    void followsItsFormula(Schedule schedule, long step, long total, double expected) {
        assertThat(schedule.factor(step, total)).isCloseTo(expected, Offset.offset(1e-15));
    }

    @ParameterizedTest
    @EnumSource(Schedule.class)
    void everyFactorIsAboveZeroAndAtMostOne(Schedule schedule) {
        for (long total : new long[] {1, 2, 3, 7, 100, 18_750}) {
            for (long step = 0; step < total; step++) {
                assertThat(schedule.factor(step, total))
                        .as("step %d of %d", step, total)
                        .isGreaterThan(0)
                        .isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void theCycleRisesThenFalls() {
        for (int step = 1; step < 1000; step++) {
            double change = Schedule.ONE_CYCLE.factor(step, 1000) - Schedule.ONE_CYCLE.factor(step - 1, 1000);
            assertThat(change > 0).as("step %d", step).isEqualTo(step < 400);
        }
    }
}
