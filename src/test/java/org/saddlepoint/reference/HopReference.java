package org.saddlepoint.reference;

import org.saddlepoint.threat.Norm;

/** Points and directions of HopSkipJump (Chen et al. 2020), of one example. */
public final class HopReference {
    private HopReference() {}

    /** A share of the way (L2), or the point cut to that share of its distance (L-inf). */
    public static double[] between(Norm norm, double[] origin, double[] point, double share) {
        double bound = share * BallReference.distance(norm, point, origin);
        double[] out = new double[origin.length];
        for (int j = 0; j < out.length; j++) {
            double way = point[j] - origin[j];
            out[j] = origin[j] + (norm == Norm.L2 ? share * way : Math.min(Math.max(way, -bound), bound));
        }
        return out;
    }

    /** The difference of the mean directions, over its length (L2) or its sign (L-inf). */
    public static double[] aim(Norm norm, double[] toward, int hits, double[] away, int misses) {
        double[] out = new double[toward.length];
        for (int j = 0; j < out.length; j++) {
            out[j] = (hits > 0 ? toward[j] * (1.0 / hits) : 0) - (misses > 0 ? away[j] * (1.0 / misses) : 0);
        }
        double length = Math.sqrt(BoundaryReference.dot(out, out));
        for (int j = 0; j < out.length; j++) {
            out[j] = norm == Norm.LINF ? Math.signum(out[j]) : length > 0 ? out[j] / length : 0;
        }
        return out;
    }
}
