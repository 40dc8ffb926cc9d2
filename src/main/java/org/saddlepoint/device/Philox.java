package org.saddlepoint.device;

/** Philox4x32-10 (Salmon et al. 2011) on the host, for what is drawn once an epoch; devices have the same generator. */
final class Philox {
    private Philox() {}

    static int[] block(long seed, int counter0, int counter1, int counter2, int counter3) {
        int c0 = counter0;
        int c1 = counter1;
        int c2 = counter2;
        int c3 = counter3;
        int key0 = (int) seed;
        int key1 = (int) (seed >>> 32);
        for (int round = 0; round < 10; round++) {
            long product0 = 0xD2511F53L * Integer.toUnsignedLong(c0);
            long product1 = 0xCD9E8D57L * Integer.toUnsignedLong(c2);
            c0 = (int) (product1 >>> 32) ^ c1 ^ key0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ key1;
            c3 = (int) product0;
            key0 += 0x9E3779B9;
            key1 += 0xBB67AE85;
        }
        return new int[] {c0, c1, c2, c3};
    }
}
