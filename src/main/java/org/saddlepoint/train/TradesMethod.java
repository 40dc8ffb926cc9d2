package org.saddlepoint.train;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.AttackBatch;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Operations;
import org.saddlepoint.model.Passes;

/**
 * TRADES (Zhang et al. 2019, algorithm 1). The attack ascends KL(clean || perturbed) from N(0, 0.001^2) about the example,
 * the model in evaluation mode; the update descends the cross-entropy of the clean examples plus beta times that
 * divergence.
 *
 * <p>Both pass through the model as one batch of 2n rows, the clean ones first, so that weight gradients and batch
 * statistics are of both; an example and its perturbed form have the same dropout. Predictions are of the perturbed form.
 */
final class TradesMethod implements Method {
    /** Rows of the model's batch for each example. */
    static final int ROWS = 2;

    private static final float DEVIATION = 0.001f;

    private final Workplace at;
    private final float beta;
    private final int classes;
    private final Buffer both;
    private final Buffer indices;
    private final Buffer reference;
    private final Buffer inputGradient;

    /** Plans its buffers, which the arena owns, for batches of up to so many examples. */
    TradesMethod(Workplace at, BufferArena arena, int examples, float beta) {
        this.at = at;
        this.beta = beta;
        this.classes = at.model().model().classes();
        long values = (long) examples * at.batch().features();
        this.both = arena.floats(ROWS * values);
        this.indices = arena.ints((long) ROWS * examples);
        this.reference = arena.floats((long) examples * classes);
        this.inputGradient = arena.floats(values);
    }

    @Override
    public void step(int epoch, int n, @Nullable Attack attack) {
        if (!(attack instanceof Pgd pgd)) {
            throw new IllegalStateException("TRADES was planned with the attack " + attack + " instead of PGD");
        }
        AttackBatch batch = at.batch();
        Operations operations = at.operations();
        long values = (long) n * batch.features();
        at.beginAttack(n, epoch);
        Loop loop = batch.loop(pgd.rule(batch.features()), 0, false);
        at.model().together(n, pgd.precision(), null, passes -> perturb(passes, loop));
        operations.copy(values, batch.origin(), both);
        operations.copy(values, batch.x(), both.slice(values, values));
        operations.copy(n, batch.indices(), indices);
        operations.copy(n, batch.indices(), indices.slice(n, n));
        at.model().update(at.update(ROWS * n, both, indices, n), (with, logits, gradient) -> {
            with.divergences().trades(n, classes, logits, batch.labels(), beta, 1f / n, at.losses(), gradient);
            long perturbed = (long) n * classes;
            with.argMax(n, classes, logits.slice(perturbed, perturbed), at.predictions());
        });
    }

    private void perturb(Passes passes, Loop loop) {
        Operations with = passes.operations();
        int n = loop.n();
        int d = at.batch().features();
        with.copy((long) n * classes, passes.forward(loop.origin()), reference);
        with.divergences().gaussianStart(loop, d, DEVIATION);
        for (int step = 0; step < loop.rule().steps(); step++) {
            Buffer logits = passes.forward(loop.x());
            with.divergences().divergence(n, classes, logits, reference, 1f, null, passes.logitGradient());
            passes.inputGradient(inputGradient);
            with.step(loop, d, inputGradient);
        }
    }
}
