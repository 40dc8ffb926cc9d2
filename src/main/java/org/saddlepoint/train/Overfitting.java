package org.saddlepoint.train;

/**
 * Why a training stopped: its robust accuracy fell suddenly (catastrophic overfitting, Wong et al. 2020, section 5.4).
 *
 * @param epoch after which it stopped, from 1
 * @param score of that epoch
 * @param bestEpoch whose weights are kept
 * @param bestScore of that epoch
 */
public record Overfitting(int epoch, double score, int bestEpoch, double bestScore) {
    /** How far below the best a score may lie, in accuracy. */
    static final double FALL = 0.2;
}
