package org.saddlepoint.train;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.AttackBatch;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;
import org.saddlepoint.device.Start;
import org.saddlepoint.threat.ThreatModel;

/**
 * Free (Shafahi et al. 2019, algorithm 1). A step is one replay of the batch: one forward and one backward pass at
 * x = clip(origin + delta), whose gradients move the weights and then delta = project(delta + epsilon sign(gradient)); in L2
 * the gradient over its length takes the sign's place. Row i of the batch has row i of delta, whatever example stands there;
 * rows beyond a smaller last batch stay as they are.
 *
 * <p>Delta is zero at the start of every epoch, so that a checkpoint needs no more than the weights' state; the paper's is
 * zero at the start of the training alone. As one pass serves both, the model is in training mode, an example keeps its
 * dropout over the replays of a batch, and the loss is not rescaled: an example that is classified beyond float32's doubt
 * moves neither.
 */
final class FreeMethod implements Method {
    /** Delta is kept as u = 1/2 + delta / (2 epsilon): its ball has radius 1/2 about 1/2, and its values and steps in L-inf are exact. */
    private static final float HALF = 0.5f;

    private final Workplace at;
    private final int features;
    private final Buffer delta;
    private final Buffer centre;
    private final Buffer scale;
    private final Buffer shift;
    private final Buffer inputGradient;

    /** Plans its buffers, which the arena owns, for batches of up to so many examples. */
    FreeMethod(Workplace at, BufferArena arena, int examples) {
        this.at = at;
        this.features = at.batch().features();
        long values = (long) examples * features;
        this.delta = arena.floats(values);
        this.centre = arena.floats(values);
        this.scale = arena.floats(1);
        this.shift = arena.floats(1);
        this.inputGradient = arena.floats(values);
    }

    @Override
    public void beginEpoch(@Nullable Attack attack) {
        float epsilon = threat(attack).epsilon();
        Operations operations = at.operations();
        operations.fill(delta.length(), HALF, delta);
        operations.fill(centre.length(), HALF, centre);
        operations.fill(1, 2 * epsilon, scale);
        operations.fill(1, -epsilon, shift);
    }

    @Override
    public void step(int epoch, int n, @Nullable Attack attack) {
        ThreatModel threat = threat(attack);
        AttackBatch batch = at.batch();
        Operations operations = at.operations();
        Buffer x = batch.x();
        operations.scaleShift(n, 1, features, delta, scale, shift, x);
        operations.add((long) n * features, batch.origin(), x, Activation.IDENTITY, x);
        operations.project(threat.norm(), threat.epsilon(), n, features, batch.origin(), x);
        at.model().update(at.update(n, x, batch.indices(), n), at.settings().loss(), inputGradient);
        operations.step(ascent(n, threat), features, inputGradient);
    }

    /** One step as long as the radius, without a random start. */
    private Loop ascent(int n, ThreatModel threat) {
        ThreatModel ball = new ThreatModel(threat.norm(), HALF);
        RandomStream unused = new RandomStream(at.settings().seed(), Purpose.ATTACK_START, 0);
        return new Loop(
                n,
                centre,
                at.batch().labels(),
                at.batch().indices(),
                delta,
                new Loop.Rule(ball, 1, HALF, 1, Start.ORIGINAL, false),
                unused,
                0,
                null,
                false);
    }

    private static ThreatModel threat(@Nullable Attack attack) {
        if (attack == null) {
            throw new IllegalStateException("Free was planned without a threat model");
        }
        return attack.threat();
    }
}
