/**
 * Adversarial training and robustness evaluation of neural classifiers: min over weights, max over perturbations inside
 * a threat model.
 *
 * <p>Knowledge points downward only: {@code cli} knows {@code report}, {@code train}, {@code evaluate}; these know
 * {@code attack} and {@code data}; {@code attack} knows {@code model}, {@code loss}, {@code threat}; and those know
 * {@code device}, the operation set over which everything above is written once.
 */
@NullMarked
package org.saddlepoint;

import org.jspecify.annotations.NullMarked;
