package org.saddlepoint.device;

/** Where a loop begins. The order is that of the native interface. */
public enum Start {
    /** At the original inputs. */
    ORIGINAL,
    /** At a uniform draw from the norm's ball, projected onto ball and box. */
    BALL_AND_BOX,
    /**
     * At a uniform draw from the ball, inside the box or not: FGSM-RS's (Wong et al. 2020, algorithm 3). Clipped to the box,
     * half of what lies at its ends, a black background say, would not move.
     */
    BALL
}
