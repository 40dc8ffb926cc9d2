/** The seam between Java and hardware: devices, buffers and the operation set. */
@NullMarked
package org.saddlepoint.device;

import org.jspecify.annotations.NullMarked;
