package org.saddlepoint.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The known-answer vectors of Random123 (kat_vectors, philox4x32 10). */
class PhiloxReferenceTest {
    @ParameterizedTest
    @CsvSource({
        "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
        "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1"
    })
    void knownAnswers(String counter, String key, String expected) {
        assertThat(PhiloxReference.block(words(counter), words(key))).containsExactly(words(expected));
    }

    private static int[] words(String hex) {
        String[] parts = hex.split(" ", -1);
        int[] out = new int[parts.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = HexFormat.fromHexDigits(parts[i]);
        }
        return out;
    }
}
