/**
 * Threat models as values: a norm, a radius, and the box [0,1] in which inputs live. Distances here are plain double
 * arithmetic on the stored float32 values: every attack's result is proved with them. The projections themselves are
 * operations of the device.
 */
@NullMarked
package org.saddlepoint.threat;

import org.jspecify.annotations.NullMarked;
