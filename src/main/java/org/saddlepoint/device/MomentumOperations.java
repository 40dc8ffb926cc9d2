package org.saddlepoint.device;

import org.jspecify.annotations.Nullable;

/** Attack steps that remember earlier gradients. Each example's sums are in double, in an order that follows from d alone. */
public interface MomentumOperations {
    /**
     * MI-FGSM's memory (Dong et al. 2018, "Boosting adversarial attacks with momentum", equation 6): momentum = decay
     * momentum + gradient / |gradient|_1. A gradient that is zero throughout, or not all finite, adds nothing.
     *
     * @param n examples
     * @param d values of an example
     * @param gradient n x d
     * @param decay at least 0
     * @param known examples already beaten are left alone, and zero gradients are counted; or null
     * @param momentum n x d, changed in place
     */
    void accumulate(int n, int d, Buffer gradient, float decay, @Nullable BestIterate known, Buffer momentum);

    /**
     * Begins a run of Carlini and Wagner's attack (2017, "Towards evaluating the robustness of neural networks", section
     * VI.A) at the origin: w = atanh((1 - 1e-6) (2 x - 1)), no moments, and the next c of each example's binary search. A c that
     * was enough becomes the upper bound, another the lower one; the next is the middle of both, or, while there is no upper
     * bound, ten times as much, at most 1e10.
     *
     * <p>Beaten examples rest, unless the descent is minimal.
     *
     * @param descent whose x, w, first, second, state and done are overwritten
     * @param begins whether this is the first run, with the rule's c
     */
    void beginRun(PenaltyDescent descent, boolean begins);

    /**
     * Keeps every x that is adversarial, by the confidence asked for, and closer to its origin than the one kept so far; an
     * example counts as beaten at this step where the kept distance is at most epsilon, in exact arithmetic on the stored
     * values. Then a step of Adam (beta 0.9 and 0.999, stabilizer 1e-8) in w down |x - origin|^2 + c max(f, -confidence), f6 of
     * the paper. A gradient that is not all finite counts as zero; zero ones are counted where f is not constant.
     *
     * <p>Examples that rest are left alone. One comes to rest where it is beaten, unless the descent is minimal, and where, at a
     * check, what it descends is above 0.9999 of that at the last check.
     *
     * @param descent whose x, w, first, second, state, done and best are changed
     * @param margin n: max_{i != y} z_i - z_y at x
     * @param gradient n x d, of f with respect to x: of minus the margin, or, targeted, of the margin
     * @param iteration of this run, from 1
     * @param step the number of this iterate
     * @param check whether this is a check
     */
    void step(PenaltyDescent descent, Buffer margin, Buffer gradient, int iteration, int step, boolean check);
}
