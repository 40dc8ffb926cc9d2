package org.saddlepoint.reference;

/** Philox4x32-10 (Salmon et al. 2011), by its definition. */
public final class PhiloxReference {
    private PhiloxReference() {}

    public static int[] block(int[] counter, int[] key) {
        int[] c = counter.clone();
        int[] k = key.clone();
        for (int round = 0; round < 10; round++) {
            long even = Integer.toUnsignedLong(c[0]) * 0xD2511F53L;
            long odd = Integer.toUnsignedLong(c[2]) * 0xCD9E8D57L;
            c = new int[] {(int) (odd >>> 32) ^ c[1] ^ k[0], (int) odd, (int) (even >>> 32) ^ c[3] ^ k[1], (int) even};
            k = new int[] {k[0] + 0x9E3779B9, k[1] + 0xBB67AE85};
        }
        return c;
    }

    /** Word e of an example: key = seed, counter = (e / 4, index, restart, stream). */
    public static int word(long seed, int element, int index, int restart, int stream) {
        int[] counter = {element / 4, index, restart, stream};
        int[] key = {(int) seed, (int) (seed >>> 32)};
        return block(counter, key)[element % 4];
    }
}
