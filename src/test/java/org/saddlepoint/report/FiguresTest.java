package org.saddlepoint.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.saddlepoint.evaluate.Accuracy;

class FiguresTest {
    @Test
    void figuresAreShort() {
        assertThat(Figures.number(0.031)).isEqualTo("0.031");
        assertThat(Figures.number(8 / 255.0)).isEqualTo("0.031373");
        assertThat(Figures.number(0.5)).isEqualTo("0.5");
        assertThat(Figures.number(3)).isEqualTo("3");
        assertThat(Figures.number(0)).isEqualTo("0");
        assertThat(Figures.number(65535)).isEqualTo("65535");
        assertThat(Figures.number(1e-7)).isEqualTo("1E-7");
        assertThat(Figures.duration(4.25)).isEqualTo("4.3 s");
        assertThat(Figures.duration(200)).isEqualTo("3 min 20 s");
        assertThat(Figures.count(101_770)).isEqualTo("101,770");
        assertThat(Figures.percentWithInterval(new Accuracy(50, 100))).isEqualTo("50.00 % [40.38, 59.62]");
    }

    @Test
    void tablesAreAligned() {
        assertThat(new TextTable("what", "left", "right")
                        .row("one", "1", "22")
                        .row("three", "333", "4")
                        .toString())
                .isEqualTo("""
                        what    left   right
                        --------------------
                        one        1      22
                        three    333       4
                        """);
    }
}
