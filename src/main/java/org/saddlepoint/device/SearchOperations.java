package org.saddlepoint.device;

/**
 * Operations of the Square attack (Andriushchenko et al. 2020, "Square attack: a query-efficient black-box adversarial attack
 * via random search"), in L-inf and L2. A proposal is accepted by {@link Operations#keepIterate} of the margin loss.
 *
 * <p>Random words are those of {@link RandomStream#block}. A sign is + where a word's highest bit is set; a place among m is
 * word x m / 2^32, rounded down.
 */
public interface SearchOperations {
    /**
     * The start: x = project(origin + amplitude x sign x bump) in the whole windows that tile the image's middle, with 1 for
     * the bump in L-inf, and the loop's restart in the words' step. Of tile t, word t (channels + 1) chooses the bump, and the
     * next ones are each channel's sign.
     *
     * @param loop batch, threat model and stream; its x is overwritten
     * @param windows the tiles
     * @param amplitude at least 0
     */
    void squareStart(Loop loop, SquareWindows windows, float amplitude);

    /**
     * A proposal: the loop's x becomes its best x with one window of each example's own changed. L-inf: by sign x 2 epsilon a
     * channel, then projected. L2 (algorithm 3): the length of the changes in two windows and a channel's share of what is
     * left up to epsilon go into the first, with a new bump of random sign added, and the second's changes are undone; then
     * projected. Words 0 to 3 are row and column of the first window, and of the second, 4 chooses the bump, 5 + k is the sign
     * of channel k; the words' step is the loop's restart plus the query.
     *
     * @param loop batch, threat model, stream, and best iterate; its x is overwritten, but for examples already beaten
     * @param windows the windows' size
     * @param query its number in this restart, from 1
     */
    void squareProposal(Loop loop, SquareWindows windows, int query);
}
