package org.saddlepoint.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PartingTest {
    @Property
    void everyExampleIsInOnePartAndEachClassHasItsShare(
            @ForAll @Size(min = 1, max = 200) int[] raw,
            @ForAll @IntRange(min = 1, max = 5) int classes,
            @ForAll @DoubleRange(min = 0.01, max = 0.99) double share,
            @ForAll long seed) {
        int[] labels = Arrays.stream(raw).map(i -> Math.floorMod(i, classes)).toArray();
        Parting parting = Parting.of(labels, classes, share, seed);
        assertThat(IntStream.concat(Arrays.stream(parting.train()), Arrays.stream(parting.test()))
                        .sorted()
                        .toArray())
                .isEqualTo(IntStream.range(0, labels.length).toArray());
        for (int c = 0; c < classes; c++) {
            int label = c;
            long all = Arrays.stream(labels).filter(l -> l == label).count();
            long held = Arrays.stream(parting.test())
                    .filter(i -> labels[i] == label)
                    .count();
            // Exact would be share x all; one more or less makes up for the classes before, and for one kept back.
            assertThat((double) held).isBetween(Math.max(0, all * share - 2), Math.max(0, all * share + classes));
            assertThat(all == 0 || held < all).isTrue();
        }
        Parting again = Parting.of(labels, classes, share, seed);
        assertThat(again.train()).isEqualTo(parting.train());
        assertThat(again.test()).isEqualTo(parting.test());
    }

    @Test
    void anotherSeedIsAnotherParting() {
        int[] labels = new int[100];
        assertThat(Parting.of(labels, 1, 0.2, 1).test())
                .hasSize(20)
                .isNotEqualTo(Parting.of(labels, 1, 0.2, 2).test());
    }

    /** The order is part of what a seed promises: it must not change with a version or a machine. */
    @Test
    void theOrderOfASeedIsKnown() {
        // From java.util.Random's documented recurrence and Fisher and Yates, computed apart from this code.
        assertThat(Parting.shuffled(8, 1)).containsExactly(2, 6, 7, 0, 3, 1, 4, 5);
    }
}
