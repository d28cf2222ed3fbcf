@NullMarked
package org.busbar.pci.internal;

import org.jspecify.annotations.NullMarked;
