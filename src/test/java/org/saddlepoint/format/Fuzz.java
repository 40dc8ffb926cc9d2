package org.saddlepoint.format;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Random and mutated bytes for a reader that may answer with an array or with a MalformedFileException, never with anything
 * else, and may not allocate without bound. A failure names the seed: {@code -Dfuzz.seed=} of that makes it the first case.
 */
public final class Fuzz {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Fuzz() {}

    /** Reads bytes that may be anything. */
    public interface Reader {
        void read(byte[] bytes) throws Exception;
    }

    /**
     * Runs cases.
     *
     * @param valid files to mutate
     * @param bound on the bytes that one case may allocate
     */
    public static void run(String name, int cases, List<byte[]> valid, long bound, Reader reader) {
        long first = Long.getLong("fuzz.seed", System.nanoTime());
        System.out.println("fuzz of " + name + ": " + cases + " cases from -Dfuzz.seed=" + first);
        int refused = 0;
        long most = 0;
        for (long seed = first; seed < first + cases; seed++) {
            byte[] bytes = bytes(new Random(seed), valid);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            refused += isRefused(seed, bytes, reader) ? 1 : 0;
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            if (allocated > bound) {
                // The first use of a class (of the digest's provider: 5 MB) counts too; the second reading does
                // without.
                before = THREADS.getCurrentThreadAllocatedBytes();
                isRefused(seed, bytes, reader);
                allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            }
            most = Math.max(most, allocated);
            if (allocated > bound) {
                throw new AssertionError("-Dfuzz.seed=" + seed + ": " + bytes.length
                        + " bytes made the reader allocate " + allocated + ", at most " + bound);
            }
        }
        System.out.println("fuzz of " + name + ": " + refused + " refused, at most " + most + " bytes allocated");
        if (refused < cases / 4) {
            throw new AssertionError("only " + refused + " of " + cases + " cases were malformed");
        }
    }

    private static boolean isRefused(long seed, byte[] bytes, Reader reader) {
        try {
            reader.read(bytes);
            return false;
        } catch (MalformedFileException e) {
            if (String.valueOf(e.getMessage()).lines().count() != 1) {
                throw new AssertionError("-Dfuzz.seed=" + seed + ": not one line: " + e.getMessage(), e);
            }
            return true;
        } catch (Exception | StackOverflowError | OutOfMemoryError e) {
            throw new AssertionError("-Dfuzz.seed=" + seed + ": " + e, e);
        }
    }

    private static byte[] bytes(Random random, List<byte[]> valid) {
        if (random.nextInt(8) == 0) {
            byte[] noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            return noise;
        }
        byte[] bytes = valid.get(random.nextInt(valid.size())).clone();
        for (int i = random.nextInt(4); i >= 0 && bytes.length > 8; i--) {
            bytes = mutated(random, bytes, valid);
        }
        return bytes;
    }

    private static byte[] mutated(Random random, byte[] bytes, List<byte[]> valid) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(6)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt(256);
            case 2 -> {
                // Extreme lengths and counts.
                byte[] extremes = {0, 1, 0x7f, -1};
                byte extreme = extremes[random.nextInt(extremes.length)];
                Arrays.fill(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(8)), extreme);
            }
            case 3 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 4 -> {
                byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(64));
                if (random.nextBoolean()) {
                    System.arraycopy(bytes, at, longer, longer.length - (bytes.length - at), bytes.length - at);
                }
                return longer;
            }
            default -> {
                byte[] other = valid.get(random.nextInt(valid.size()));
                int from = random.nextInt(other.length);
                int length = Math.min(1 + random.nextInt(32), Math.min(other.length - from, bytes.length - at));
                System.arraycopy(other, from, bytes, at, length);
            }
        }
        return bytes;
    }
}
