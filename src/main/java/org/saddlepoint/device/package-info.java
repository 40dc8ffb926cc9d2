/**
 * The seam between Java and hardware. {@link org.saddlepoint.device.Operations} is the operation set over which models,
 * losses, attacks and training are written once; a device implements it. Memory is a
 * {@link org.saddlepoint.device.Buffer} from a {@link org.saddlepoint.device.BufferArena}, whose owner closes it.
 *
 * <p>A device is found through {@link org.saddlepoint.device.DeviceProvider} (a service), so that nothing here names one.
 */
@NullMarked
package org.saddlepoint.device;

import org.jspecify.annotations.NullMarked;
