package org.saddlepoint.device;

import org.jspecify.annotations.Nullable;

/**
 * Random probes around a point: point + scale x scales x u.
 *
 * @param draw what u is
 * @param indices n int32, the examples' positions in their data set, from which the draws follow
 * @param random the stream of the draws
 * @param scale of all examples, of either sign
 * @param scales n float32, a factor for each example; null: 1
 */
public record ProbeNoise(
        Draw draw,
        Buffer indices,
        RandomStream random,
        float scale,
        @Nullable Buffer scales) {
    /** Random directions. */
    public enum Draw {
        /** Standard normal. */
        GAUSSIAN,
        /** Standard normal over its length: uniform on the unit sphere. */
        SPHERE,
        /** Uniform in [-1,1] over its length. */
        CUBE
    }
}
