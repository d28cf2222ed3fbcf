/**
 * What drivers of network controllers have in common. No bundle has it as its own: bnd copies it into each driver's, so
 * that drivers come, go and change without regard to each other.
 */
@NullMarked
package org.busbar.driver.support;

import org.jspecify.annotations.NullMarked;
