package org.saddlepoint.data;

/**
 * A data set in its two published parts.
 *
 * @param train to train on
 * @param test to evaluate on, never to choose a model by
 */
public record Split(Dataset train, Dataset test) {}
