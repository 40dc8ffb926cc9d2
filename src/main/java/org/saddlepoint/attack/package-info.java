/**
 * Attacks: one class each, immutable, configured by name. {@link org.saddlepoint.attack.Attack} enforces the threat model
 * and re-checks every label, so an attack's own file holds only its idea. Attacks know the operation set and no device.
 */
@NullMarked
package org.saddlepoint.attack;

import org.jspecify.annotations.NullMarked;
