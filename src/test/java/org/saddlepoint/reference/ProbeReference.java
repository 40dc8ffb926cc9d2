package org.saddlepoint.reference;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.saddlepoint.device.ProbeNoise.Draw;

/** Random directions, from an example's random words. */
public final class ProbeReference {
    private ProbeReference() {}

    public static double[] direction(Draw draw, int d, IntUnaryOperator word) {
        double[] u = new double[d];
        if (draw == Draw.CUBE) {
            Arrays.setAll(u, j -> 2 * ((word.applyAsInt(j) >>> 8) * 0x1p-24) - 1);
        } else {
            u = StartReference.gaussian(d, word);
        }
        if (draw != Draw.GAUSSIAN) {
            double length = Math.sqrt(BoundaryReference.dot(u, u));
            for (int j = 0; j < d; j++) {
                u[j] /= length;
            }
        }
        return u;
    }
}
