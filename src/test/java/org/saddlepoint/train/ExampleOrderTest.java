package org.saddlepoint.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ExampleOrderTest {
    @Test
    void isAPermutation() {
        for (int size : new int[] {1, 2, 3, 4, 5, 6, 100, 1013}) {
            int[] sorted = ExampleOrder.of(size, 7, 3);
            Arrays.sort(sorted);
            for (int i = 0; i < size; i++) {
                assertThat(sorted[i]).isEqualTo(i);
            }
        }
    }

    @Test
    void followsFromSeedAndEpochAlone() {
        int[] order = ExampleOrder.of(1000, 7, 3);
        assertThat(ExampleOrder.of(1000, 7, 3)).containsExactly(order);
        assertThat(ExampleOrder.of(1000, 7, 4)).isNotEqualTo(order);
        assertThat(ExampleOrder.of(1000, 8, 3)).isNotEqualTo(order);
        assertThat(ExampleOrder.of(1000, 7L + (1L << 32), 3)).isNotEqualTo(order);
    }

    /**
     * Each of 7 examples at each of 7 places over 7,000 epochs: 1,000 times expected, standard deviation 29. Six of them
     * are passed by chance once in 10 million tries.
     */
    @Test
    void isUniform() {
        int[][] counts = new int[7][7];
        for (int epoch = 1; epoch <= 7000; epoch++) {
            int[] order = ExampleOrder.of(7, 1, epoch);
            for (int place = 0; place < 7; place++) {
                counts[place][order[place]]++;
            }
        }
        for (int[] row : counts) {
            for (int count : row) {
                assertThat(count).isBetween(1000 - 6 * 29, 1000 + 6 * 29);
            }
        }
    }
}
