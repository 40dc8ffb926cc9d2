package org.saddlepoint.device;

/**
 * The best iterate an example that an evaluation has seen: the first misclassified one (targeted: the first that hits its
 * target), else the one of the highest objective. One state is carried over all restarts of an attack.
 *
 * @param x batch x d float32: the best iterate
 * @param objective batch float32: its loss (targeted: minus its loss); -infinity before the first
 * @param beaten batch int32: the step at which the example was beaten, or -1
 * @param zeroGradients batch int32: how many steps found an input gradient that was zero throughout
 */
public record BestIterate(Buffer x, Buffer objective, Buffer beaten, Buffer zeroGradients) {}
