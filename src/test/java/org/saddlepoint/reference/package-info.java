/**
 * The operation set once more, in plain double loops that follow the formulas: the oracle of every device. Nothing here
 * calls the code under test; only its values (layers, activations, norms) are shared.
 */
@NullMarked
package org.saddlepoint.reference;

import org.jspecify.annotations.NullMarked;
