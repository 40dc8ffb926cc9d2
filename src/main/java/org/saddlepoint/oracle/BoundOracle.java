package org.saddlepoint.oracle;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Operations;
import org.saddlepoint.model.BoundVictim;
import org.saddlepoint.model.Queries;
import org.saddlepoint.model.Shape;

/** An oracle bound to a batch size: questions go through the host, and only those about examples that are not done. */
public final class BoundOracle implements BoundVictim {
    private final Oracle oracle;
    private final int batch;
    private final BufferArena arena;
    private final Buffer logits;
    private final float[] values;
    private final float[] answers;
    private final int[] finished;
    private final int[] asked;
    private int budget = Integer.MAX_VALUE;

    BoundOracle(Oracle oracle, int batch) {
        if (batch < 1) {
            throw new IllegalArgumentException("batch size is " + batch + ": it must be at least 1");
        }
        this.oracle = oracle;
        this.batch = batch;
        this.arena = oracle.device().arena();
        try {
            this.logits = arena.floats((long) batch * oracle.classes());
            this.values = new float[Math.multiplyExact(batch, oracle.input().size())];
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
        this.answers = new float[batch * oracle.classes()];
        this.finished = new int[batch];
        this.asked = new int[batch];
    }

    @Override
    public Shape input() {
        return oracle.input();
    }

    @Override
    public int classes() {
        return oracle.classes();
    }

    @Override
    public Device device() {
        return oracle.device();
    }

    @Override
    public int batch() {
        return batch;
    }

    @Override
    public Buffer forward(int n, Buffer x) {
        requireFit(n);
        int d = input().size();
        x.read(values, 0, n * d);
        logits.write(oracle.logits(Arrays.copyOf(values, n * d)), 0, n * classes());
        return logits;
    }

    @Override
    public void query(int n, @Nullable Buffer done, Consumer<Queries> work) {
        requireFit(n);
        work.accept(new Questions(n, done));
    }

    private void requireFit(int n) {
        if (n < 0 || n > batch) {
            throw new IllegalArgumentException("a batch of " + n + " was given to an oracle bound for " + batch);
        }
    }

    @Override
    public void count(int allowed) {
        if (allowed < 1) {
            throw new IllegalArgumentException("a budget of " + allowed + " queries was given: at least 1 is needed");
        }
        this.budget = allowed;
        Arrays.fill(asked, 0);
    }

    @Override
    public void queries(int[] out, int from, int n) {
        System.arraycopy(asked, 0, out, from, n);
    }

    @Override
    public void close() {
        arena.close();
    }

    /** What an attack asks, about n examples. */
    private final class Questions implements Queries {
        private final int n;
        private final @Nullable Buffer done;

        Questions(int n, @Nullable Buffer done) {
            this.n = n;
            this.done = done;
        }

        @Override
        public Operations operations() {
            return device().operations();
        }

        @Override
        public Buffer forward(Buffer x) {
            int d = input().size();
            int c = classes();
            Arrays.fill(finished, 0, n, -1);
            if (done != null) {
                done.read(finished, 0, n);
            }
            x.read(values, 0, n * d);
            int going = 0;
            for (int i = 0; i < n; i++) {
                if (finished[i] < 0) {
                    if (++asked[i] > budget) {
                        throw new IllegalStateException(
                                "an attack asked more than its budget of " + budget + " queries about an example");
                    }
                    System.arraycopy(values, i * d, values, going++ * d, d);
                }
            }
            float[] told = oracle.logits(Arrays.copyOf(values, going * d));
            for (int i = 0, from = 0; i < n; i++) {
                if (finished[i] < 0) {
                    System.arraycopy(told, from++ * c, answers, i * c, c);
                }
            }
            logits.write(answers, 0, n * c);
            return logits;
        }
    }
}
