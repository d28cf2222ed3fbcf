/** Configuration space: what hosts have in common. */
@NullMarked
package org.busbar.pci.internal.config;

import org.jspecify.annotations.NullMarked;
